using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.Jobs;

/// <summary>Compiles the binding and the call of a handler into a delegate at registration, so that runs need no
/// reflection.</summary>
/// <remarks>
/// Follows minimal APIs: a parameter with a registered service type is a service, <see cref="JobContext"/> and
/// <see cref="CancellationToken"/> come from the run,
/// <see cref="JobArguments"/> receives all arguments, and all further parameters are arguments.
/// </remarks>
static class HandlerBinder
{
    static readonly ParameterExpression Target = Expression.Parameter(typeof(Delegate), "target");
    static readonly ParameterExpression Context = Expression.Parameter(typeof(JobContext), "context");
    static readonly ParameterExpression Services = Expression.Parameter(typeof(IServiceProvider), "services");
    static readonly ParameterExpression Stop = Expression.Parameter(typeof(CancellationToken), "stop");
    static readonly ParameterExpression Values = Expression.Variable(typeof(object[]), "values");

    /// <summary>Binds a delegate.</summary>
    /// <param name="name">The registered name.</param>
    /// <param name="handler">Any method or lambda.</param>
    /// <param name="services">The registered services.</param>
    /// <param name="json">The JSON options for arguments.</param>
    /// <exception cref="ArgumentException">The signature is not supported.</exception>
    [RequiresUnreferencedCode("Reads the delegate's signature. The class form with a source-generated JSON context does without.")]
    [RequiresDynamicCode("Compiles the binding. The class form does without.")]
    public static Handler Bind(string name, Delegate handler, IServiceProviderIsService services, JsonSerializerOptions json) =>
        Bind(name, handler, new HandlerBindings(services, json));

    /// <summary>Binds a delegate, and reuses the compiled binding of a delegate with the same method.</summary>
    /// <param name="name">The registered name.</param>
    /// <param name="handler">Any method or lambda.</param>
    /// <param name="bindings">The state shared by the program's handlers.</param>
    /// <exception cref="ArgumentException">The signature is not supported.</exception>
    [RequiresUnreferencedCode("Reads the delegate's signature. The class form with a source-generated JSON context does without.")]
    [RequiresDynamicCode("Compiles the binding. The class form does without.")]
    public static Handler Bind(string name, Delegate handler, HandlerBindings bindings)
    {
        if (!bindings.Compiled.TryGetValue((handler.Method, handler.GetType()), out var binding))
            bindings.Compiled.Add((handler.Method, handler.GetType()), binding = Compile(name, handler, bindings));
        var call = binding.Call;
        return new(name, (context, services, cancellationToken) => call(handler, context, services, cancellationToken),
            binding.NeedsServices, !IsTask(handler.Method.ReturnType), arguments => binding.Signature.Read(arguments));
    }

    [RequiresUnreferencedCode("Reads the delegate's signature. The class form with a source-generated JSON context does without.")]
    [RequiresDynamicCode("Compiles the binding. The class form does without.")]
    static HandlerBinding Compile(string name, Delegate handler, HandlerBindings bindings)
    {
        var (services, json) = (bindings.Services, bindings.Json);
        var parameters = Parameters(handler);
        foreach (var parameter in parameters) CheckParameter(name, parameter);
        CheckReturn(name, handler.Method);
        var arguments = parameters.Where(parameter => !IsOfTheRun(parameter.ParameterType) && !IsService(parameter, services)).ToList();
        if (arguments.Find(parameter => KeyOf(parameter) is not null) is { } keyed)
        {
            throw new ArgumentException(
                $"Handler '{name}': '{keyed.Name}' is {TypeName.WithArticle(keyed.ParameterType)} with the key '{KeyOf(keyed)!.Key}', which is not a registered service: register it with the key.");
        }

        List<HandlerArgument> fromArguments = [.. arguments.Select(parameter => Argument(parameter, json))];
        if (fromArguments.Find(argument => argument is { MustBeService: true, IsOptional: false }) is { } service)
        {
            throw new ArgumentException($"Handler '{name}': {service.NoService()}: register it.");
        }

        var signature = new HandlerSignature(
            fromArguments, takesAll: parameters.Any(parameter => parameter.ParameterType == typeof(JobArguments)));

        var call = Expression.Invoke(Expression.Convert(Target, handler.GetType()), parameters.Select(Value));
        var body = Expression.Block(
            typeof(ValueTask), [Values],
            arguments is [] ? Expression.Empty() : Expression.Assign(Values, Expression.Call(Expression.Constant(signature),
                nameof(HandlerSignature.Read), null, Expression.Property(Context, nameof(JobContext.Arguments)))),
            AsTask(call));
        var run = Expression.Lambda<Func<Delegate, JobContext, IServiceProvider?, CancellationToken,
            ValueTask>>(body, Target, Context, Services, Stop).Compile();
        var needsServices = parameters.Any(parameter =>
            !IsOfTheRun(parameter.ParameterType) && IsService(parameter, services));
        return new(run, signature, needsServices);

        Expression Value(ParameterInfo parameter) => parameter.ParameterType switch
        {
            var type when type == typeof(JobContext) => Context,
            var type when type == typeof(CancellationToken) => Stop,
            var type when type == typeof(JobArguments) => Expression.Property(Context, nameof(JobContext.Arguments)),
            var type when arguments.IndexOf(parameter) is >= 0 and var index =>
                Expression.Convert(Expression.ArrayIndex(Values, Expression.Constant(index)), type),
            var type when KeyOf(parameter) is { } keyed => Expression.Call(typeof(ServiceProviderKeyedServiceExtensions),
                nameof(ServiceProviderKeyedServiceExtensions.GetRequiredKeyedService), [type], Services,
                Expression.Constant(keyed.Key, typeof(object))),
            var type => Expression.Call(typeof(ServiceProviderServiceExtensions),
                nameof(ServiceProviderServiceExtensions.GetRequiredService), [type], Services),
        };
    }

    /// <summary>Binds a class with a new instance for each run.</summary>
    /// <param name="name">The registered name.</param>
    /// <param name="json">The JSON options for arguments.</param>
    public static Handler Bind<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.Interfaces)] T>(string name,
        JsonSerializerOptions json) where T : class, IJobHandler
    {
        var typed = typeof(T).GetInterfaces().Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IJobHandler<>))
            .ToList();
        return typed switch
        {
            [] => new(name, (context, services, cancellationToken) => new(Make(services).RunAsync(context, cancellationToken)),
                NeedsServices: true, Blocks: false, arguments => new HandlerSignature([], takesAll: true).Read(arguments)),
            [var only] => Typed(new(only.GetGenericArguments()[0], json)),
            _ => throw new ArgumentException($"{typeof(T)} has several forms of IJobHandler; one is allowed.", nameof(name)),
        };

        Handler Typed(ObjectSignature signature) => new(
            name,
            (context, services, cancellationToken) =>
            {
                context.Bound = signature.Read(context.Arguments);
                return new(Make(services).RunAsync(context, cancellationToken));
            },
            NeedsServices: true, Blocks: false, arguments => signature.Read(arguments));

        static T Make(IServiceProvider? services) => services!.GetRequiredService<T>();
    }

    /// <summary>Returns the method's parameters, without a first parameter bound by the delegate itself.</summary>
    static List<ParameterInfo> Parameters(Delegate handler)
    {
        var all = handler.Method.GetParameters();
        var open = handler.GetType().GetMethod("Invoke")!.GetParameters().Length;
        return [.. all.Skip(all.Length - open)];
    }

    static void CheckParameter(string name, ParameterInfo parameter)
    {
        if (parameter.ParameterType.IsByRef || parameter.ParameterType.IsByRefLike || parameter.ParameterType.IsPointer)
        {
            throw new ArgumentException(
                $"Handler '{name}': the parameter {parameter.Name} is a {parameter.ParameterType.Name}; parameters by value are allowed.");
        }
    }

    static void CheckReturn(string name, MethodInfo method)
    {
        var type = method.ReturnType;
        // The end of an async void method is unknown: the run would count as finished while the handler is still
        // running.
        if (type == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute)))
            throw new ArgumentException($"Handler '{name}' is async void, so its end and its failures cannot be seen. Let it return Task.");
        if (!IsTask(type) && (type.GetMethod("GetAwaiter", Type.EmptyTypes) is not null || IsAsyncStream(type)))
            throw new ArgumentException($"Handler '{name}' returns {type}, which would not be awaited. Let it return Task or ValueTask.");
    }

    static bool IsAsyncStream(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    static bool IsOfTheRun(Type type) => type == typeof(JobContext) || type == typeof(CancellationToken) || type == typeof(JobArguments);

    /// <summary>Returns true if a parameter is a registered service, with its key if the parameter has one.</summary>
    public static bool IsService(ParameterInfo parameter, IServiceProviderIsService services) => KeyOf(parameter) is { } keyed
        ? services is not IServiceProviderIsKeyedService known || known.IsKeyedService(parameter.ParameterType, keyed.Key)
        : IsService(parameter.ParameterType, services);

    static FromKeyedServicesAttribute? KeyOf(ParameterInfo parameter) => parameter.GetCustomAttribute<FromKeyedServicesAttribute>();

    /// <summary>Returns true if a type is a service. The container reports every enumerable as a service, so an
    /// enumerable counts only if its elements are services.</summary>
    static bool IsService(Type type, IServiceProviderIsService services) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>)
        ? services.IsService(type.GetGenericArguments()[0])
        : services.IsService(type);

    static HandlerArgument Argument(ParameterInfo parameter, JsonSerializerOptions json) => new(
        parameter.Name ?? $"argument {parameter.Position + 1}", json.GetTypeInfo(parameter.ParameterType), parameter.HasDefaultValue,
            Default(parameter));

    static object? Default(ParameterInfo parameter)
    {
        if (!parameter.HasDefaultValue) return null;
        var type = parameter.ParameterType;
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        // The compiler stores the default of a struct as null, and the value of an enum as a number.
        if (parameter.DefaultValue is not { } value)
        {
            return type.IsValueType && inner == type ? RuntimeHelpers.GetUninitializedObject(type) : null;
        }

        return inner.IsEnum ? Enum.ToObject(inner, value) : value;
    }

    static bool IsTask(Type type) => typeof(Task).IsAssignableFrom(type) || type == typeof(ValueTask) || IsGenericValueTask(type);

    static bool IsGenericValueTask(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>);

    static Expression AsTask(Expression call)
    {
        var type = call.Type;
        if (type == typeof(ValueTask)) return call;
        if (typeof(Task).IsAssignableFrom(type)) return Expression.Call(typeof(HandlerBinder), nameof(OfTask), null, call);
        if (IsGenericValueTask(type)) return Expression.Call(typeof(HandlerBinder), nameof(OfValueTask), type.GetGenericArguments(), call);
        return Expression.Block(call, Expression.Default(typeof(ValueTask)));
    }

    static ValueTask OfTask(Task? task) => task is null ? default : new(task);

    static ValueTask OfValueTask<T>(ValueTask<T> task)
    {
        if (!task.IsCompletedSuccessfully) return new(task.AsTask());
        _ = task.Result;
        return default;
    }
}
