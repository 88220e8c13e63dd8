using System.Collections.Immutable;
using XLLM.Contracts.Ids;

namespace XLLM.Grains.Placement;

/// <summary>How a silo tells the cluster which instances its devices carry: one metadata entry, ids separated by ','.</summary>
public static class DeviceMetadata
{
    /// <summary>Key of the silo metadata entry.</summary>
    public const string Key = "xllm.devices";

    /// <summary>Value for a silo with these instances.</summary>
    public static string Format(IEnumerable<InstanceId> instances) => string.Join(',', instances.Select(x => x.Value));

    /// <summary>Whether the silo says that it has no devices. One that has not told yet is none.</summary>
    public static bool IsGateway(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(Key, out string? value) && value.Length == 0;

    /// <summary>Whether the value lists the instance.</summary>
    public static bool Lists(ImmutableDictionary<string, string> metadata, string instance) =>
        metadata.TryGetValue(Key, out string? value) && value.Split(',').Contains(instance, StringComparer.Ordinal);
}
