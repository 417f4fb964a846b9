using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.Jobs;

/// <summary>What the handlers of one program share while they are bound.</summary>
/// <param name="services">What the container knows.</param>
/// <param name="json">How arguments are read.</param>
/// <remarks>To compile a binding takes some 300 us and 5 kB. A program that declares jobs in a loop has many delegates of one method.</remarks>
sealed class HandlerBindings(IServiceProviderIsService services, JsonSerializerOptions json)
{
    public IServiceProviderIsService Services => services;

    public JsonSerializerOptions Json => json;

    /// <summary>The compiled bindings by the method and the type of the delegates.</summary>
    public Dictionary<(MethodInfo Method, Type Delegate), HandlerBinding> Compiled { get; } = [];
}

/// <summary>The compiled binding of one method.</summary>
/// <param name="Call">Calls a delegate of the method with the services and arguments of a run.</param>
/// <param name="Signature">Its parameters that are filled from arguments.</param>
/// <param name="NeedsServices">Whether a scope is made for each run.</param>
sealed record HandlerBinding(
    Func<Delegate, JobContext, IServiceProvider?, CancellationToken, ValueTask> Call, HandlerSignature Signature, bool NeedsServices);
