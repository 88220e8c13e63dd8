namespace XLLM.Formats.Safetensors;

/// <summary>Names and sizes of the element types.</summary>
public static class SafetensorsTypes
{
    /// <summary>The type of a <c>dtype</c> in a header, or null.</summary>
    public static SafetensorsType? Find(string name) => name switch
    {
        "BOOL" => SafetensorsType.Bool,
        "U8" => SafetensorsType.U8,
        "I8" => SafetensorsType.I8,
        "F8_E4M3" => SafetensorsType.F8E4M3,
        "F8_E5M2" => SafetensorsType.F8E5M2,
        "F8_E8M0" => SafetensorsType.F8E8M0,
        "U16" => SafetensorsType.U16,
        "I16" => SafetensorsType.I16,
        "F16" => SafetensorsType.F16,
        "BF16" => SafetensorsType.BF16,
        "U32" => SafetensorsType.U32,
        "I32" => SafetensorsType.I32,
        "F32" => SafetensorsType.F32,
        "U64" => SafetensorsType.U64,
        "I64" => SafetensorsType.I64,
        "F64" => SafetensorsType.F64,
        _ => null,
    };

    /// <summary>Bytes of an element.</summary>
    public static int Size(this SafetensorsType type) => type switch
    {
        <= SafetensorsType.F8E8M0 => 1,
        <= SafetensorsType.BF16 => 2,
        <= SafetensorsType.F32 => 4,
        _ => 8,
    };
}
