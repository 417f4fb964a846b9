using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>A parameter filled from a job's arguments.</summary>
/// <param name="Name">The name, for keyword arguments.</param>
/// <param name="Type">The JSON type information.</param>
/// <param name="IsOptional">True if the parameter has a default.</param>
/// <param name="Default">The default.</param>
sealed record HandlerArgument(string Name, JsonTypeInfo Type, bool IsOptional, object? Default)
{
    /// <summary>True if the type is neither a value, a text nor a collection, so that the program may have meant a
    /// service.</summary>
    public bool MayBeService => Type.Kind == JsonTypeInfoKind.Object && Type.Type != typeof(object) && !Type.Type.IsValueType;

    /// <summary>True if no JSON can be read as the type, so that the program must have meant a service.</summary>
    public bool MustBeService => MayBeService && Type is { CreateObject: null, PolymorphismOptions: null } && Type.Type.IsAbstract;

    /// <summary>Returns a sentence without its full stop: the type is not a registered service.</summary>
    public string NoService() => $"'{Name}' is {TypeName.WithArticle(Type.Type)}, which is not a registered service";
}

/// <summary>The handler parameters filled from a job's arguments. Reads arguments, or reports mismatches in
/// APScheduler's words.</summary>
/// <param name="parameters">The parameters, in order.</param>
/// <param name="takesAll">True if the handler also accepts arguments without a parameter.</param>
sealed class HandlerSignature(IReadOnlyList<HandlerArgument> parameters, bool takesAll)
{
    /// <summary>Returns the values of the parameters, in order.</summary>
    /// <exception cref="ArgumentMismatchException">The arguments do not match. The message names missing, unknown and
    /// invalid arguments.</exception>
    public object?[] Read(JobArguments arguments)
    {
        using var args = JsonDocument.Parse(arguments.Args);
        using var kwargs = JsonDocument.Parse(arguments.Kwargs);
        var inOrder = args.RootElement;
        var byName = kwargs.RootElement;
        CheckNames(inOrder.GetArrayLength(), byName);

        var values = new object?[parameters.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = parameters[i];
            values[i] = i < inOrder.GetArrayLength() ? ArgumentValue.Read(parameter.Name, inOrder[i], parameter.Type)
                : byName.TryGetProperty(parameter.Name, out var value) ? ArgumentValue.Read(parameter.Name, value, parameter.Type)
                : parameter.Default;
        }

        return values;
    }

    void CheckNames(int given, JsonElement byName)
    {
        var twice = parameters.Take(given).Where(parameter => byName.TryGetProperty(parameter.Name, out _))
            .Select(parameter => parameter.Name).ToList();
        if (twice.Count > 0)
        {
            throw new ArgumentMismatchException(
                $"The following arguments are supplied in both args and kwargs: {string.Join(", ", twice)}");
        }

        var missing = parameters.Skip(given).Where(parameter => !parameter.IsOptional && !byName.TryGetProperty(parameter.Name, out _))
            .ToList();
        var unknown = takesAll
            ? []
            : byName.EnumerateObject().Where(value => parameters.All(parameter => parameter.Name != value.Name)).Select(value => value.Name)
                .ToList();
        if (given > parameters.Count && !takesAll)
        {
            throw new ArgumentMismatchException(
                $"The list of positional arguments is longer than the handler can take (allowed: {parameters.Count}, given in args: {given})");
        }

        ArgumentValue.CheckNames(missing.ConvertAll(parameter => parameter.Name), unknown, missing.Where(parameter => parameter.MayBeService)
            .Select(parameter => $". {parameter.NoService()}: register it, or pass it as an argument"));
    }
}

/// <summary>The members of a type filled from a job's keyword arguments.</summary>
/// <param name="type">The type.</param>
/// <param name="json">The JSON options.</param>
sealed class ObjectSignature(Type type, JsonSerializerOptions json)
{
    readonly JsonTypeInfo info = json.GetTypeInfo(type);

    readonly StringComparer names = json.PropertyNameCaseInsensitive ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>Returns the arguments as an object.</summary>
    /// <exception cref="ArgumentMismatchException">The arguments do not match.</exception>
    public object Read(JobArguments arguments)
    {
        using var args = JsonDocument.Parse(arguments.Args);
        using var kwargs = JsonDocument.Parse(arguments.Kwargs);
        if (args.RootElement.GetArrayLength() is > 0 and var given)
        {
            throw new ArgumentMismatchException(
                $"The list of positional arguments is longer than the handler can take (allowed: 0, given in args: {given}); it takes its arguments by name, in kwargs");
        }

        if (info.Kind == JsonTypeInfoKind.Object)
        {
            var supplied = kwargs.RootElement.EnumerateObject().Select(value => value.Name).ToHashSet(names);
            var missing = info.Properties.Where(member => IsNeeded(member) && !supplied.Contains(member.Name)).Select(member => member.Name)
                .ToList();
            var unknown = supplied.Where(name => !info.Properties.Any(member => names.Equals(member.Name, name) && !member.IsExtensionData))
                .ToList();
            if (info.Properties.Any(member => member.IsExtensionData)) unknown.Clear();
            ArgumentValue.CheckNames(missing, unknown, []);
        }

        return ArgumentValue.Read("kwargs", kwargs.RootElement, info)
            ?? throw new ArgumentMismatchException($"kwargs cannot be read as {type.Name}");
    }

    static bool IsNeeded(JsonPropertyInfo member) => member.IsRequired || member.AssociatedParameter is { HasDefaultValue: false };
}

/// <summary>Converts a single argument value.</summary>
static class ArgumentValue
{
    const int MaxNames = 20;

    /// <summary>Converts a value.</summary>
    /// <exception cref="ArgumentMismatchException">The value is not convertible. The message names the argument and the
    /// type.</exception>
    public static object? Read(string name, JsonElement value, JsonTypeInfo type)
    {
        try
        {
            return value.Deserialize(type);
        }
        catch (Exception e)
        {
            // All exceptions: a converter of the program may throw anything.
            var place = e switch
            {
                JsonException { Path: { Length: > 1 } path } => $" (at {Printable.Shown(path)})",
                JsonException or NotSupportedException or FormatException or InvalidOperationException => "",
                _ => $" ({e.GetType().Name})",
            };
            throw new ArgumentMismatchException(
                $"The argument {name} is {Printable.Shown(value.GetRawText())}, which cannot be read as {TypeName.Of(type.Type)}{place}");
        }
    }

    /// <summary>Throws for missing and unknown arguments.</summary>
    /// <param name="missing">The names of the missing arguments.</param>
    /// <param name="unknown">The names of the unknown keyword arguments.</param>
    /// <param name="hints">What to do about missing arguments, each with a full stop in front.</param>
    public static void CheckNames(IReadOnlyList<string> missing, IReadOnlyList<string> unknown, IEnumerable<string> hints)
    {
        if (missing.Count + unknown.Count == 0) return;
        var lacks = missing.Count == 0 ? "" : $"The following arguments have not been supplied: {string.Join(", ", missing)}{string.Concat(hints)}";
        var has = unknown.Count == 0 ? "" : $"The handler does not accept the following keyword arguments: {Names(unknown)}";
        throw new ArgumentMismatchException(lacks == "" || has == "" ? lacks + has : $"{lacks}. {has}");
    }

    /// <summary>Returns the names of arguments for a message: the first 20 names, each shortened.</summary>
    static string Names(IReadOnlyList<string> names) =>
        $"{string.Join(", ", names.Take(MaxNames).Select(name => Printable.Shown(name)))}{(names.Count > MaxNames ? $" and {names.Count - MaxNames} more" : "")}";
}
