using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;

namespace Orleans.Runtime;

/// <summary>An activation's extensions, made when first called. In its turns.</summary>
internal sealed class Extensions(Activation activation) : IAsyncDisposable
{
    private readonly Dictionary<Type, object> _made = [];

    public object Get(Type type)
    {
        if (!_made.TryGetValue(type, out var extension))
        {
            _made.Add(type, extension = Create(type));
        }

        return extension;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var extension in _made.Values.OfType<IAsyncDisposable>())
        {
            await extension.DisposeAsync();
        }
    }

    private object Create(Type type)
    {
        if (type == typeof(IGrainManagementExtension))
        {
            return new GrainManagementExtension(activation);
        }

        if (type == typeof(IEnumerationExtension))
        {
            var silo = activation.Silo;
            return new EnumerationExtension(
                activation, silo.Messaging.ResponseTimeout, silo.Services.GetRequiredService<TimeProvider>());
        }

        return activation.ActivationServices.GetKeyedService<IGrainExtension>(type)
            ?? throw new GrainExtensionNotInstalledException($"Grain {activation.GrainId} has no extension {type}.");
    }
}
