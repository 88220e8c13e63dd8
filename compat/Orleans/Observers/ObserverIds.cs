using System.Globalization;

namespace Orleans.Runtime;

/// <summary>Ids of observers: <c>sys.client/node+number</c>, so that a message finds the node without a directory.</summary>
internal static class ObserverIds
{
    private static readonly GrainType Client = GrainType.Create("sys.client");

    public static bool IsObserver(GrainId id) => id.Type == Client;

    public static GrainId Create(SiloAddress node, Guid number) =>
        GrainId.Create(Client, $"{node.ToParsableString()}+{number.ToString("N", CultureInfo.InvariantCulture)}");

    public static SiloAddress? NodeOf(GrainId id)
    {
        var key = id.Key.ToString();
        var plus = key.LastIndexOf('+');
        return plus > 0 && SiloAddress.TryParse(key[..plus], out var node) ? node : null;
    }
}
