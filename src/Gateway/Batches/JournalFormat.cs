using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace XLLM.Gateway.Batches;

/// <summary>
/// Lines of a journal: <c>number kind checksum json</c>, separated by spaces. Number = index of the request; kind = <c>+</c>
/// answered with success, <c>-</c> with an error; checksum = CRC-32C of the JSON, eight hexadecimal digits.
/// </summary>
internal static class JournalFormat
{
    public static byte[] Head(int index, bool succeeded, ReadOnlySpan<byte> json) => Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{index} {(succeeded ? '+' : '-')} {Checksum(json):x8} "));

    /// <summary>Reads a line; false = it was not written whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out int index, out bool succeeded, out int head)
    {
        (succeeded, head) = (false, 0);
        if (!Utf8Parser.TryParse(line, out index, out int digits) || index < 0 || line.Length < digits + 13)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = line[digits..];
        head = digits + 12;
        if (rest[0] != ' ' || rest[1] is not ((byte)'+' or (byte)'-') || rest[2] != ' ' || rest[11] != ' '
            || !Utf8Parser.TryParse(rest[3..11], out uint checksum, out int hex, 'x') || hex != 8)
        {
            return false;
        }

        succeeded = rest[1] == '+';
        return Checksum(line[head..]) == checksum;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (byte last in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, last);
        }

        return ~crc;
    }
}
