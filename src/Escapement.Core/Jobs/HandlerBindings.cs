using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.Jobs;

/// <summary>The state shared by a program's handlers during binding.</summary>
/// <param name="services">The registered services.</param>
/// <param name="json">The JSON options for arguments.</param>
/// <remarks>Compiling a binding takes about 300 us and 5 kB. A program that declares jobs in a loop has many delegates
/// of a single method.</remarks>
sealed class HandlerBindings(IServiceProviderIsService services, JsonSerializerOptions json)
{
    public IServiceProviderIsService Services => services;

    public JsonSerializerOptions Json => json;

    /// <summary>The compiled bindings by the method and the type of the delegates.</summary>
    public Dictionary<(MethodInfo Method, Type Delegate), HandlerBinding> Compiled { get; } = [];
}

/// <summary>The compiled binding of a method.</summary>
/// <param name="Call">Calls a delegate of the method with the services and arguments of a run.</param>
/// <param name="Signature">The parameters filled from arguments.</param>
/// <param name="NeedsServices">True if each run needs a service scope.</param>
sealed record HandlerBinding(
    Func<Delegate, JobContext, IServiceProvider?, CancellationToken, ValueTask> Call, HandlerSignature Signature, bool NeedsServices);
