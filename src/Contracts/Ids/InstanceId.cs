using Orleans;

namespace XLLM.Contracts.Ids;

/// <summary>Identity of an engine instance, <c>silo/device</c>, e.g. <c>silo-1/cpu0</c>. Key of its instance grain.</summary>
[GenerateSerializer, Immutable, Alias("xllm.InstanceId")]
public readonly record struct InstanceId([property: Id(0)] string Value)
{
    /// <summary>The instance of a device on a silo. Neither name may be empty or contain '/'.</summary>
    public static InstanceId Of(string siloName, string device)
    {
        ArgumentException.ThrowIfNullOrEmpty(siloName);
        ArgumentException.ThrowIfNullOrEmpty(device);
        if (siloName.Contains('/') || device.Contains('/'))
        {
            throw new ArgumentException($"A silo or device name must not contain '/': '{siloName}', '{device}'.");
        }

        return new InstanceId($"{siloName}/{device}");
    }

    /// <summary>Name of the silo that holds the device.</summary>
    public string SiloName => Value[..Math.Max(0, Value.IndexOf('/'))];

    /// <summary>Name of the device on its silo.</summary>
    public string Device => Value[(Value.IndexOf('/') + 1)..];

    public override string ToString() => Value;
}
