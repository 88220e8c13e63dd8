using System.Buffers.Binary;
using System.Text;

namespace XLLM.Formats.Tests.Safetensors;

/// <summary>Writes safetensors files from a header's JSON and data.</summary>
internal static class SafetensorsBuilder
{
    public const string SmallHeader =
        """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b.c":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"s":{"dtype":"I64","shape":[],"data_offsets":[32,40]}}""";

    public static byte[] Small() => Build(SmallHeader, 40);

    public static byte[] Build(string header, int dataBytes, ulong? claimedLength = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, claimedLength ?? (ulong)json.Length);
        json.CopyTo(file, 8);
        for (int i = 0; i < dataBytes; i++)
        {
            file[8 + json.Length + i] = (byte)i;
        }

        return file;
    }
}
