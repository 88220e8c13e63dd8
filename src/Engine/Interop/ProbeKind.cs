namespace XLLM.Engine.Interop;

/// <summary>What <see cref="MachineProbe"/> measures (XLLM_PROBE_*).</summary>
public enum ProbeKind
{
    /// <summary>Bytes a second read from a buffer four times the last cache.</summary>
    Read = 1,

    /// <summary>Int8 operations a second in registers; a multiply and add are two.</summary>
    Int8 = 2,

    /// <summary>Float32 operations a second in registers; a multiply and add are two.</summary>
    Fp32 = 3,
}
