using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.Jobs;

/// <summary>Checks at startup that the container can create a class handler.</summary>
static class HandlerConstructor
{
    /// <summary>Checks that a public constructor takes registered services only.</summary>
    /// <param name="name">The name of the handler.</param>
    /// <param name="type">The class that the container creates.</param>
    /// <param name="services">The registered services.</param>
    /// <exception cref="ArgumentException">Every constructor needs an unregistered service. The message names the
    /// service.</exception>
    public static void Check(
        string name, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type,
        IServiceProviderIsService services)
    {
        var missing = type.GetConstructors()
            .Select(constructor => Array.Find(constructor.GetParameters(), parameter => !parameter.HasDefaultValue && !HandlerBinder.IsService(parameter, services)))
            .ToList();
        if (missing is []) throw new ArgumentException($"Handler '{name}': {TypeName.Of(type)} has no public constructor.");
        if (missing.Contains(null)) return;
        var first = missing[0]!;
        throw new ArgumentException(
            $"Handler '{name}': the constructor of {TypeName.Of(type)} needs '{first.Name}', {TypeName.WithArticle(first.ParameterType)}, which is not a registered service: register it.");
    }
}
