using System.Buffers.Binary;
using System.Text;

namespace Orleans.Runtime;

/// <summary>
/// The first bytes of a connection. Caller: magic (8 bytes), length (2), then cluster id, service id, own and wanted silo address,
/// each with a length (2). Listener: magic, answer (1), length (2), text. Little endian. The magic's last digit is the version.
/// </summary>
internal sealed record Greeting(string ClusterId, string ServiceId, SiloAddress From, SiloAddress To)
{
    private const int MaxBytes = 2048;

    private static ReadOnlySpan<byte> Magic => "SILOLNK1"u8;

    public async Task WriteAsync(Stream stream, CancellationToken token)
    {
        using var body = new MemoryStream();
        foreach (var text in new[] { ClusterId, ServiceId, From.ToParsableString(), To.ToParsableString() })
        {
            body.Write(WithLength(Encoding.UTF8.GetBytes(text)));
        }

        await stream.WriteAsync((byte[])[.. Magic, .. WithLength(body.ToArray())], token).ConfigureAwait(false);
    }

    /// <summary>Throws <see cref="InvalidDataException"/> when the bytes are no greeting.</summary>
    public static async Task<Greeting> ReadAsync(Stream stream, CancellationToken token)
    {
        var body = await ReadAfterMagicAsync(stream, 0, token).ConfigureAwait(false);
        var at = 2;
        var (cluster, service) = (Next(), Next());
        return SiloAddress.TryParse(Next(), out var from) && SiloAddress.TryParse(Next(), out var to) && at == body.Length
            ? new Greeting(cluster, service, from, to)
            : throw new InvalidDataException("the greeting names no silo addresses");

        string Next()
        {
            if (at + 2 > body.Length || at + 2 + BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(at)) > body.Length)
            {
                throw new InvalidDataException("the greeting ends too early");
            }

            var length = BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(at));
            var text = Encoding.UTF8.GetString(body, at + 2, length);
            at += 2 + length;
            return text;
        }
    }

    public static async Task AnswerAsync(Stream stream, GreetingAnswer answer, string text, CancellationToken token) =>
        await stream.WriteAsync((byte[])[.. Magic, (byte)answer, .. WithLength(Encoding.UTF8.GetBytes(text))], token)
            .ConfigureAwait(false);

    /// <summary>Throws <see cref="ConnectionRefusedException"/> unless the listener welcomes the caller.</summary>
    public static async Task ReadAnswerAsync(Stream stream, CancellationToken token)
    {
        var body = await ReadAfterMagicAsync(stream, 1, token).ConfigureAwait(false);
        if (body[0] != (byte)GreetingAnswer.Welcome)
        {
            throw new ConnectionRefusedException((GreetingAnswer)body[0], Encoding.UTF8.GetString(body, 3, body.Length - 3));
        }
    }

    private static byte[] WithLength(byte[] bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new InvalidDataException($"a greeting of {bytes.Length} bytes is longer than {MaxBytes}");
        }

        return [(byte)bytes.Length, (byte)(bytes.Length >> 8), .. bytes];
    }

    // The bytes after the magic: so many before the length, the length, and what it counts.
    private static async Task<byte[]> ReadAfterMagicAsync(Stream stream, int before, CancellationToken token)
    {
        var head = new byte[Magic.Length + before + 2];
        await stream.ReadExactlyAsync(head, token).ConfigureAwait(false);
        if (!head.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw new InvalidDataException("the first bytes are not those of a silo of this version");
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(head.Length - 2));
        if (length > MaxBytes)
        {
            throw new InvalidDataException($"a greeting of {length} bytes is longer than {MaxBytes}");
        }

        var body = new byte[before + 2 + length];
        head.AsSpan(Magic.Length).CopyTo(body);
        await stream.ReadExactlyAsync(body.AsMemory(before + 2), token).ConfigureAwait(false);
        return body;
    }
}
