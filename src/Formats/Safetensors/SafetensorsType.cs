namespace XLLM.Formats.Safetensors;

/// <summary>Element types of safetensors whose elements are whole bytes.</summary>
public enum SafetensorsType
{
    Bool,
    U8,
    I8,
    F8E4M3,
    F8E5M2,
    F8E8M0,
    U16,
    I16,
    F16,
    BF16,
    U32,
    I32,
    F32,
    U64,
    I64,
    F64,
}
