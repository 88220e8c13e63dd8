using XLLM.Engine.Interop;
using XLLM.Formats;
using XLLM.Formats.Gguf;
using XLLM.Formats.Safetensors;

namespace XLLM.Verification.Gguf;

/// <summary>
/// Compares the values of quantised blocks (<c>TYPE.bytes</c> uint8 [n, block size], <c>TYPE.values</c> float32) bit for bit.
/// Unit of errors: values that differ.
/// </summary>
public static class BlockVerifier
{
    /// <summary>A case a type, ordered by name.</summary>
    public static IReadOnlyList<VerifyCase> Verify(string path)
    {
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            return [.. file.Tensors.Keys
                .Where(k => k.EndsWith(".bytes", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(k => Verify(file, k[..^6]))];
        }
        catch (Exception e) when (e is ModelFormatException or NativeException or IOException)
        {
            return [new VerifyCase(Path.GetFileName(path), false, double.NaN, e.Message)];
        }
    }

    private static VerifyCase Verify(SafetensorsFile file, string type)
    {
        if (!Enum.TryParse(type, out GgufType parsed) || NativeTypes.FindLayout(parsed) is not { } layout)
        {
            return new VerifyCase(type, false, double.NaN, $"type {type} is not supported");
        }

        byte[] bytes = file.Require(type + ".bytes").Copy<byte>(SafetensorsType.U8);
        float[] golden = file.Require(type + ".values").Copy<float>(SafetensorsType.F32);
        if (bytes.Length % layout.Bytes != 0 || bytes.Length / layout.Bytes * layout.Elements != golden.Length)
        {
            return new VerifyCase(type, false, double.NaN, $"{bytes.Length} bytes do not give {golden.Length} values of {type}");
        }

        var values = new float[golden.Length];
        NativeTypes.Dequantize(parsed, bytes, values);
        int[] unequal = [.. Enumerable.Range(0, values.Length)
            .Where(i => BitConverter.SingleToInt32Bits(values[i]) != BitConverter.SingleToInt32Bits(golden[i]))];
        string detail = unequal is [int first, ..]
            ? FormattableString.Invariant($"value {first}: {values[first]:R}, golden {golden[first]:R}")
            : "";
        return new VerifyCase(type, unequal.Length == 0, unequal.Length, detail);
    }
}
