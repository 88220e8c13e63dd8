using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// Shows that one knows the cluster secret without saying it: HMAC-SHA256 over a label, the client's greeting and the server's
/// challenge, in both of which is a fresh nonce. Labels differ by side, so that no proof can be sent back. Any thread.
/// </summary>
internal sealed class KvSecret(string secret)
{
    public const int NonceBytes = 32;
    public const int ProofBytes = HMACSHA256.HashSizeInBytes;

    private static readonly byte[] Client = "xllm-kv client"u8.ToArray();
    private static readonly byte[] Server = "xllm-kv server"u8.ToArray();
    private static readonly byte[] Session = "xllm-kv session"u8.ToArray();

    private readonly byte[] _secret = Encoding.UTF8.GetBytes(secret);

    public byte[] ClientProof(ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge) => Proof(Client, hello, challenge);

    public byte[] ServerProof(ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge) => Proof(Server, hello, challenge);

    /// <summary>Key of the connection's checksums, so that bytes of another connection do not check.</summary>
    public ulong SessionKey(ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge) =>
        BinaryPrimitives.ReadUInt64LittleEndian(Proof(Session, hello, challenge));

    /// <summary>Compares in a time that says nothing about where they differ.</summary>
    public static bool Equal(ReadOnlySpan<byte> one, ReadOnlySpan<byte> two) => CryptographicOperations.FixedTimeEquals(one, two);

    private byte[] Proof(byte[] label, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _secret);
        hash.AppendData(label);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, hello.Length);
        hash.AppendData(length);
        hash.AppendData(hello);
        hash.AppendData(challenge);
        return hash.GetHashAndReset();
    }
}
