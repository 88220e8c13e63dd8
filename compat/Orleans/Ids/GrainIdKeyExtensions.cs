using System.Globalization;

namespace Orleans.Runtime;

/// <summary>Integer and GUID keys: hexadecimal text.</summary>
public static class GrainIdKeyExtensions
{
    public static IdSpan CreateIntegerKey(long key) => IdSpan.Create(key.ToString("X", CultureInfo.InvariantCulture));

    public static IdSpan CreateGuidKey(Guid key) => IdSpan.Create(key.ToString("N", CultureInfo.InvariantCulture));

    public static bool TryGetIntegerKey(this GrainId grainId, out long key) => long.TryParse(
        grainId.Key.ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out key);

    public static long GetIntegerKey(this GrainId grainId) => grainId.TryGetIntegerKey(out var key)
        ? key
        : throw new ArgumentException($"Key '{grainId.Key}' of {grainId} is not an integer key.", nameof(grainId));

    public static bool TryGetGuidKey(this GrainId grainId, out Guid key) =>
        Guid.TryParseExact(grainId.Key.ToString(), "N", out key);

    public static Guid GetGuidKey(this GrainId grainId) => grainId.TryGetGuidKey(out var key)
        ? key
        : throw new ArgumentException($"Key '{grainId.Key}' of {grainId} is not a GUID key.", nameof(grainId));
}
