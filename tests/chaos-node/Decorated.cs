using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace GlueOrleans.Tests.ChaosNode;

/// <summary>A service behind which is another: all calls are passed on, some of them by way of the test.</summary>
public class Decorated<T> : DispatchProxy
    where T : class
{
    private T _inner = null!;
    private Dictionary<string, Func<T, object?[], object?>> _instead = null!;

    internal void Before(T inner, Dictionary<string, Func<T, object?[], object?>> instead) =>
        (_inner, _instead) = (inner, instead);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _instead.TryGetValue(targetMethod!.Name, out var instead)
            ? instead(_inner, args!)
            : targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
}

internal static class Decorations
{
    /// <summary>Puts something before a service that is registered; a node without that service is left as it is.</summary>
    public static void Decorate<T>(
        this IServiceCollection services,
        Dictionary<string, Func<T, object?[], object?>> instead
    )
        where T : class
    {
        if (services.LastOrDefault(s => s.ServiceType == typeof(T) && !s.IsKeyedService) is not { } registered)
            return;
        services.Remove(registered);
        if (registered.ImplementationType is { } type)
            services.AddSingleton(type); // so that the container ends its life, too
        services.AddSingleton(provider =>
        {
            var inner =
                registered.ImplementationInstance
                ?? registered.ImplementationFactory?.Invoke(provider)
                ?? provider.GetRequiredService(registered.ImplementationType!);
            var proxy = DispatchProxy.Create<T, Decorated<T>>();
            ((Decorated<T>)(object)proxy).Before((T)inner, instead);
            return proxy;
        });
    }
}
