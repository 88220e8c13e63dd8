using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Models;

/// <summary>The models that can be asked for, from the fleet's instances; loads the text side of each once. Any thread.</summary>
internal sealed class ModelCatalog(
    IFleetView fleet, IModelReadiness readiness, IModelTextLoader loader, GatewayOptions options, ILogger<ModelCatalog> logger)
{
    private readonly ConcurrentDictionary<(string Name, string Path), Lazy<Task<ModelText>>> _texts = new();
    private readonly ConcurrentDictionary<string, InstanceDescriptor> _served = new(StringComparer.Ordinal);

    /// <summary>Instances of all models that are not dead, one for each model, by name.</summary>
    public async ValueTask<IReadOnlyList<InstanceDescriptor>> ListAsync()
    {
        FleetSnapshot snapshot = await fleet.GetAsync();
        var models = new SortedDictionary<string, InstanceDescriptor>(StringComparer.Ordinal);
        foreach (InstanceStatus instance in snapshot.Instances)
        {
            if (instance.Health != InstanceHealth.Dead)
            {
                models.TryAdd(instance.Descriptor.Model.Name, instance.Descriptor);
            }
        }

        return [.. models.Values];
    }

    /// <summary>The model of that name; null = the only one there is.</summary>
    /// <exception cref="ApiException">Unknown, not loaded yet, or none was named and there is not exactly one.</exception>
    public async ValueTask<ServedModel> ResolveAsync(string? name)
    {
        InstanceDescriptor found = await FindAsync(name);
        try
        {
            ModelText text = await TextOf(found.Model);
            return new ServedModel(found.Model, found.BlockTokens, text);
        }
        catch (Exception exception) when (exception is not ApiException)
        {
            logger.TextNotLoaded(found.Model.Name, found.Model.Path, exception);
            throw new ApiException(OutcomeErrors.ToError(RequestOutcome.NoInstance, null));
        }
    }

    /// <summary>The instance whose descriptor speaks for the model.</summary>
    /// <exception cref="ApiException">As <see cref="ResolveAsync"/>.</exception>
    public async ValueTask<InstanceDescriptor> FindAsync(string? name)
    {
        IReadOnlyList<InstanceDescriptor> models = await ListAsync();
        if (name is null && models.Count > 1)
        {
            throw ApiException.Invalid("model", $"'model' is required; served are {Show(models)}.");
        }

        InstanceDescriptor? found = name is null ? models.FirstOrDefault() : models.FirstOrDefault(m => m.Model.Name == name);
        if (found is not null)
        {
            _served[found.Model.Name] = found;
            return found;
        }

        // A registry that starts anew is empty until the next heartbeats, and lost instances come back: what was served a moment ago
        // is not unknown. Whether and how long a request waits for an instance is its grain's to say.
        if ((name is null ? _served.Values.FirstOrDefault() : _served.GetValueOrDefault(name)) is { } known)
        {
            return known;
        }

        if (readiness.Current.State == ReadinessState.Loading || name is null)
        {
            throw new ApiException(OutcomeErrors.ToError(RequestOutcome.NoInstance, null));
        }

        throw new ApiException(OutcomeErrors.ToError(
            RequestOutcome.ModelNotFound,
            $"The model '{name}' does not exist; {(models.Count == 0 ? "none is served now" : "served are " + Show(models))}."));
    }

    private Task<ModelText> TextOf(ModelCard card)
    {
        string path = options.TextPaths.GetValueOrDefault(card.Name) ?? card.Path;
        Lazy<Task<ModelText>> text = _texts.GetOrAdd(
            (card.Name, path), _ => new Lazy<Task<ModelText>>(() => Task.Run(() => loader.Load(card, path))));
        Task<ModelText> task = text.Value;
        if (task.IsFaulted)
        {
            // The next request tries again; files may come later.
            _texts.TryRemove(new((card.Name, path), text));
        }

        return task;
    }

    private static string Show(IReadOnlyList<InstanceDescriptor> models) =>
        string.Join(", ", models.Take(20).Select(m => $"'{m.Model.Name}'")) + (models.Count > 20 ? ", ..." : "");
}
