using System.Security.Cryptography;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// The first four frames of a connection: Hello, Challenge, Proof, Welcome. The client shows that it knows the secret first, so
/// that nobody gets a proof for the asking; only then the server looks at what else was said. Calls block; disposing the wire ends them.
/// </summary>
/// <param name="Self">This engine.</param>
/// <param name="Layout">Of its KV.</param>
/// <param name="Secret">The cluster's.</param>
/// <param name="WindowBytes">Payload bytes that the other side may send at once.</param>
internal sealed record KvHandshake(KvIdentity Self, KvLayout Layout, KvSecret Secret, long WindowBytes)
{
    public const int Version = 2;

    /// <summary>Longest name of an instance or layout, in bytes.</summary>
    private const int MostName = 512;

    /// <summary>As a client that wants exactly that engine. The answer is what the server lets it send.</summary>
    public long Connect(KvWire wire, KvIdentity server)
    {
        ReadOnlyMemory<byte> hello = new KvWriter().Add(Version).Add(RandomNumberGenerator.GetBytes(KvSecret.NonceBytes))
            .Add(Self.Instance.Value).Add(Self.Epoch).Add(server.Instance.Value).Add(server.Epoch)
            .Add(Layout.Fingerprint).Add(Layout.BlockTokens).Add(Layout.BlockBytes).Add(Layout.Layers).Add(Layout.LayerBytes)
            .Add(WindowBytes).Written;
        wire.Send(new KvFrame(KvFrameKind.Hello, 0), hello.Span);
        byte[] challenge = wire.Receive(KvFrameKind.Challenge);
        ReadVersion(challenge);
        wire.Send(new KvFrame(KvFrameKind.Proof, 0), Secret.ClientProof(hello.Span, challenge));
        byte[] welcome = wire.Receive(KvFrameKind.Welcome);
        return ReadWelcome(wire, welcome, hello.Span, challenge);
    }

    /// <summary>As the server: who the client is, and what it lets this side send. Tells the client why it is refused.</summary>
    public (KvIdentity Client, long Window) Accept(KvWire wire, Func<KvIdentity, bool> isCurrent)
    {
        byte[] hello = wire.Receive(KvFrameKind.Hello);
        ReadOnlyMemory<byte> challenge =
            new KvWriter().Add(Version).Add(RandomNumberGenerator.GetBytes(KvSecret.NonceBytes)).Written;
        wire.Send(new KvFrame(KvFrameKind.Challenge, 0), challenge.Span);
        byte[] proof = wire.Receive(KvFrameKind.Proof);
        KvIdentity client;
        long window;
        try
        {
            if (!KvSecret.Equal(proof, Secret.ClientProof(hello, challenge.Span)))
            {
                throw new KvTransferException(KvFault.WrongSecret, "A peer has another cluster secret.");
            }

            (client, window) = ReadHello(hello);
            if (!isCurrent(client))
            {
                throw new KvTransferException(KvFault.WrongEpoch, $"{client} connects, which has been followed by a newer one.");
            }
        }
        catch (KvTransferException e)
        {
            wire.Send(new KvFrame(KvFrameKind.Failed, 0, Block: (int)e.Fault), default);
            throw;
        }

        ReadOnlyMemory<byte> welcome = new KvWriter().Add(Secret.ServerProof(hello, challenge.Span)).Add(WindowBytes).Written;
        wire.Send(new KvFrame(KvFrameKind.Welcome, 0), welcome.Span);
        wire.Key = Secret.SessionKey(hello, challenge.Span);
        return (client, window);
    }

    private static void ReadVersion(ReadOnlySpan<byte> payload)
    {
        int version = new KvReader(payload).Int32();
        if (version != Version)
        {
            throw new KvTransferException(
                KvFault.WrongVersion, $"A peer speaks version {version} of the KV protocol; this is version {Version}.");
        }
    }

    private static long ReadWindow(ref KvReader reader)
    {
        long window = reader.Int64();
        reader.End();
        return window is > 0 and <= 1L << 40
            ? window
            : throw new KvTransferException(KvFault.Garbage, $"A peer's window is {window} bytes.");
    }

    private long ReadWelcome(KvWire wire, ReadOnlySpan<byte> welcome, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> challenge)
    {
        KvReader reader = new(welcome);
        if (!KvSecret.Equal(reader.Bytes(KvSecret.ProofBytes), Secret.ServerProof(hello, challenge)))
        {
            throw new KvTransferException(KvFault.WrongSecret, "The server has another cluster secret.");
        }

        wire.Key = Secret.SessionKey(hello, challenge);
        return ReadWindow(ref reader);
    }

    private (KvIdentity Client, long Window) ReadHello(ReadOnlySpan<byte> hello)
    {
        ReadVersion(hello);
        KvReader reader = new(hello);
        _ = reader.Int32();
        _ = reader.Bytes(KvSecret.NonceBytes);
        KvIdentity client = new(new InstanceId(reader.Text(MostName)), reader.Int64());
        KvIdentity wanted = new(new InstanceId(reader.Text(MostName)), reader.Int64());
        KvLayout layout = new(reader.Text(MostName), reader.Int32(), reader.Int64(), reader.Int32(), reader.Int64());
        long window = ReadWindow(ref reader);
        if (wanted != Self)
        {
            throw new KvTransferException(KvFault.WrongEpoch, $"{client} wants {wanted}; this is {Self}.");
        }

        return layout == Layout
            ? (client, window)
            : throw new KvTransferException(KvFault.WrongLayout, $"KV of {client} is {layout}; here it is {Layout}.");
    }
}
