using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Runtime;

/// <summary>Makes grain objects: services, keyed services and stored states go into their constructor.</summary>
internal static class GrainActivator
{
    private static readonly ConcurrentDictionary<Type, Plan> Plans = new();

    public static object Create(Activation activation)
    {
        var plan = Plans.GetOrAdd(activation.Class.Type, static type => new Plan(type));
        var arguments = plan.Parameters.Select(p => p(activation)).ToArray();
        try
        {
            return plan.Constructor.Invoke(arguments);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    public static async ValueTask DisposeAsync(object? instance)
    {
        if (instance is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }
        else
        {
            (instance as IDisposable)?.Dispose();
        }
    }

    private sealed class Plan
    {
        public Plan(Type type)
        {
            var constructors = type.GetConstructors();
            Constructor = constructors.FirstOrDefault(c => c.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute)))
                ?? constructors.MaxBy(c => c.GetParameters().Length)
                ?? throw new OrleansConfigurationException($"Grain class {type} has no public constructor.");
            Parameters = [.. Constructor.GetParameters().Select(Resolver)];
        }

        public ConstructorInfo Constructor { get; }

        public Func<Activation, object?>[] Parameters { get; }

        private static Func<Activation, object?> Resolver(ParameterInfo parameter)
        {
            if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
            {
                return PersistentStateFactory.For(parameter, state);
            }

            if (parameter.ParameterType == typeof(IGrainContext))
            {
                return activation => activation;
            }

            if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
            {
                return activation => activation.ActivationServices.GetRequiredKeyedService(parameter.ParameterType, keyed.Key);
            }

            return parameter.HasDefaultValue
                ? activation => activation.ActivationServices.GetService(parameter.ParameterType) ?? parameter.DefaultValue
                : activation => activation.ActivationServices.GetRequiredService(parameter.ParameterType);
        }
    }
}
