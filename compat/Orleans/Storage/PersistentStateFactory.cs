using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers;
using Orleans.Storage;

namespace Orleans.Runtime;

internal static class PersistentStateFactory
{
    /// <summary>How the state of a constructor parameter is made for an activation.</summary>
    public static Func<Activation, object?> For(ParameterInfo parameter, PersistentStateAttribute attribute)
    {
        var type = parameter.ParameterType;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new OrleansConfigurationException(
                $"Parameter '{parameter.Name}' of {parameter.Member.DeclaringType} has [PersistentState] but is not an IPersistentState<T>.");
        }

        var make = typeof(PersistentStateFactory).GetMethod(nameof(Create), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(type.GetGenericArguments()[0])
            .CreateDelegate<Func<Activation, string, IGrainStorage, object>>();
        var name = attribute.StorageName ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
        return activation => make(
            activation,
            attribute.StateName,
            activation.ActivationServices.GetKeyedService<IGrainStorage>(name)
                ?? throw new OrleansConfigurationException(
                    $"State '{attribute.StateName}' of {activation.Class.Type} needs the grain storage '{name}', which is not configured."));
    }

    private static object Create<TState>(Activation activation, string name, IGrainStorage storage) =>
        new PersistentState<TState>(name, activation, storage);
}
