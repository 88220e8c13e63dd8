using System.Globalization;
using XLLM.Contracts.Ids;
using XLLM.Grains.Placement;
using XLLM.Silo.Configuration;

namespace XLLM.Silo.Composition;

/// <summary>What a silo tells the others of itself, as silo metadata. Texts, invariant culture; rates in units a second.</summary>
public static class NodeMetadata
{
    public const string Role = "xllm.role";

    /// <summary>Kinds of its devices (cpu, cuda, npu), separated by ','.</summary>
    public const string Kinds = "xllm.device_kinds";

    /// <summary>Bytes of memory granted to the process.</summary>
    public const string Memory = "xllm.memory_bytes";

    public const string ReadRate = "xllm.read_bytes_per_second";

    public const string Int8Rate = "xllm.int8_per_second";

    public const string Fp32Rate = "xllm.fp32_per_second";

    /// <summary>Names of its models in the API, separated by ','; only those that are configured.</summary>
    public const string Models = "xllm.models";

    public const string ProcessId = "xllm.pid";

    /// <summary>Metadata of a silo with these options; the roofline is measured first when that is asked for.</summary>
    public static Dictionary<string, string> Of(XllmSiloOptions options, NodeRole role)
    {
        // A gateway has no device that could do anything.
        RooflineOptions roofline = options.Engines.Count == 0 ? new RooflineOptions()
            : options.Roofline.Probe
                ? RooflineProbe.Measure(options.Roofline, options.Engines[0].Isa, options.Engines[0].Threads)
                : options.Roofline;
        return new Dictionary<string, string>
        {
            [DeviceMetadata.Key] = DeviceMetadata.Format(options.Engines.Select(x => InstanceId.Of(options.Name, x.Device))),
            [Role] = (role == NodeRole.All && options.Engines.Count == 0 ? NodeRole.Gateway : role).ToString(),
            [Kinds] = string.Join(',', options.Engines.Select(x => KindOf(x.Device)).Distinct()),
            [Memory] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes.ToString(CultureInfo.InvariantCulture),
            [ReadRate] = Number(roofline.ReadBytesPerSecond),
            [Int8Rate] = Number(roofline.Int8PerSecond),
            [Fp32Rate] = Number(roofline.Fp32PerSecond),
            [Models] = string.Join(',', options.Engines.Select(x => x.Name).Where(x => x.Length > 0).Distinct()),
            [ProcessId] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>The letters a device's name begins with: <c>cpu0</c> is a cpu.</summary>
    public static string KindOf(string device) => new([.. device.TakeWhile(char.IsAsciiLetter)]);

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
