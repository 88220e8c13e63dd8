using System.Collections.Immutable;
using System.Text;
using XLLM.Contracts.Ids;
using XLLM.Engine.Transfer;
using XLLM.Engine.Transfer.Tcp;

namespace XLLM.Engine.Tests.Transfer;

public class FrameTests
{
    private static readonly KvFrameLimits Working = new(false, 10_000, 100_000);

    [Fact]
    public void AHeaderComesBackAsItWas()
    {
        byte[] header = new byte[KvFrame.HeaderBytes];
        KvFrame frame = new(KvFrameKind.Data, ulong.MaxValue - 3, 98_304, int.MaxValue, 65_535, 3, 0x0123456789ABCDEF, IsFound: true);
        frame.Write(header, 77);
        Assert.Equal(frame, KvFrame.Read(header, 77, Working));
    }

    [Fact]
    public void AHeaderOfAnotherConnectionDoesNotCheck()
    {
        byte[] header = new byte[KvFrame.HeaderBytes];
        new KvFrame(KvFrameKind.Alive, 5).Write(header, 77);
        Assert.Equal(KvFault.Garbage, FaultOf(() => KvFrame.Read(header, 78, Working)));
    }

    [Fact]
    public void EveryBitOfAHeaderIsChecked()
    {
        byte[] header = new byte[KvFrame.HeaderBytes];
        new KvFrame(KvFrameKind.Data, 5, 4096, 7, 1, 1, 99).Write(header, 77);
        for (int bit = 0; bit < header.Length * 8; bit++)
        {
            header[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(KvFault.Garbage, FaultOf(() => KvFrame.Read(header, 77, Working)));
            header[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData((int)KvFrameKind.Data, 100_001, 0)]
    [InlineData((int)KvFrameKind.Grant, 10_001, 0)]
    [InlineData((int)KvFrameKind.Grant, -1, 0)]
    [InlineData((int)KvFrameKind.Data, 10, -1)]
    [InlineData((int)KvFrameKind.Hello, 10, 0)]
    [InlineData(0, 10, 0)]
    [InlineData(200, 10, 0)]
    public void AHeaderThatChecksButSaysWhatCannotBeIsRefused(int kind, int length, int block)
    {
        byte[] header = new byte[KvFrame.HeaderBytes];
        new KvFrame((KvFrameKind)kind, 5, length, block).Write(header, 0);
        Assert.Equal(KvFault.Garbage, FaultOf(() => KvFrame.Read(header, 0, Working)));
    }

    [Fact]
    public void BeforeTheHandshakeIsOverNothingElseMayCome()
    {
        byte[] header = new byte[KvFrame.HeaderBytes];
        foreach (KvFrameKind kind in Enum.GetValues<KvFrameKind>().Where(x => x is >= KvFrameKind.Push and < KvFrameKind.Failed))
        {
            new KvFrame(kind, 5).Write(header, 0);
            Assert.Equal(KvFault.Garbage, FaultOf(() => KvFrame.Read(header, 0, KvFrameLimits.Opening)));
        }

        new KvFrame(KvFrameKind.Hello, 0, 2049).Write(header, 0);
        Assert.Equal(KvFault.Garbage, FaultOf(() => KvFrame.Read(header, 0, KvFrameLimits.Opening)));
    }

    [Fact]
    public void APayloadIsReadAsItWasWritten()
    {
        ReadOnlyMemory<byte> written = new KvWriter().Add(-5).Add(long.MinValue).Add("pré").Add(new BlockHash(1, 2))
            .Add([7, -8]).Written;
        KvReader reader = new(written.Span);
        Assert.Equal(-5, reader.Int32());
        Assert.Equal(long.MinValue, reader.Int64());
        Assert.Equal("pré", reader.Text(4));
        Assert.Equal<BlockHash>([new BlockHash(1, 2)], reader.Hashes(1));
        Assert.Equal<int>([7, -8], reader.Int32s(2));
        reader.End();
    }

    [Fact]
    public void APayloadThatPromisesMoreThanItHasMakesNoRoomForIt()
    {
        byte[] four = new KvWriter().Add(1 << 30).Written.ToArray();
        Assert.Equal(KvFault.Garbage, FaultOf(() => new KvReader(four).Count(0, 100)));
        Assert.Equal(KvFault.Garbage, FaultOf(() => new KvReader(four).Hashes(1 << 30)));
        Assert.Equal(KvFault.Garbage, FaultOf(() => new KvReader(four).Int32s(int.MaxValue)));
        Assert.Equal(KvFault.Garbage, FaultOf(() => new KvReader(four).Int32s(-1)));
        Assert.Equal(KvFault.Garbage, FaultOf(() => new KvReader(four).Bytes(5)));
        Assert.Equal(KvFault.Garbage, FaultOf(() => new KvReader(four).End()));
        Assert.Equal(KvFault.Garbage, FaultOf(() => new KvReader([2, 0, 0xC3, 0x28]).Text(10)));
        Assert.Equal(KvFault.Garbage, FaultOf(() => new KvReader([9, 0, 65]).Text(8)));
    }

    /// <summary>Whatever the bytes are, a reader answers with values or says that they are garbage.</summary>
    [Fact]
    public void RandomBytesAreReadOrRefused()
    {
        Random random = new(20261122);
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (round % 2 == 0)
            {
                // Half of them begin like the real thing.
                bytes = [.. new KvWriter().Add("salt").Add(random.Next(-2, 12)).Written.ToArray(), .. bytes];
            }

            refused += FaultOf(() => ReadAsFetch(bytes)) == KvFault.Garbage ? 1 : 0;
            byte[] header = new byte[KvFrame.HeaderBytes];
            random.NextBytes(header);
            Assert.Equal(KvFault.Garbage, FaultOf(() => KvFrame.Read(header, 0, Working)));
        }

        Assert.InRange(refused, 19_000, 20_000);
    }

    [Fact]
    public void WhatHasArrivedIsToldInBits()
    {
        KvArrived arrived = new(5, 3);
        Assert.Equal(15, arrived.Missing);
        arrived.Add(0, 0, 3);
        arrived.Add(1, 0, 3);
        arrived.Add(2, 1, 1);
        arrived.Add(2, 1, 1);
        Assert.Equal(2, arrived.Leading());
        Assert.Equal(8, arrived.Missing);
        Assert.True(arrived.HasAny(2, 0, 2));
        Assert.False(arrived.HasAny(3, 0, 3));
        KvArrived other = KvArrived.Of(5, 3, arrived.Bits);
        Assert.Equal(arrived.Bits.ToArray(), other.Bits.ToArray());
        Assert.Equal(8, other.Missing);
    }

    [Fact]
    public void AProofIsOfOneSideOneGreetingAndOneChallenge()
    {
        KvSecret secret = new(KvNode.Secret);
        byte[] hello = Encoding.UTF8.GetBytes("hello");
        byte[] challenge = Encoding.UTF8.GetBytes("challenge");
        byte[] proof = secret.ClientProof(hello, challenge);
        Assert.True(KvSecret.Equal(proof, new KvSecret(KvNode.Secret).ClientProof(hello, challenge)));
        Assert.False(KvSecret.Equal(proof, secret.ServerProof(hello, challenge)));
        Assert.False(KvSecret.Equal(proof, new KvSecret("another secret of tests").ClientProof(hello, challenge)));
        Assert.False(KvSecret.Equal(proof, secret.ClientProof(hello, Encoding.UTF8.GetBytes("challengf"))));
        Assert.False(KvSecret.Equal(proof, secret.ClientProof(Encoding.UTF8.GetBytes("helloc"), "hallenge"u8)));
    }

    [Fact]
    public void OptionsThatCannotBeAreAllNamed()
    {
        KvTransferOptions wrong = new()
        {
            Secret = "short", Listen = "here", Port = 70_000, Silence = TimeSpan.Zero, ReceiveShare = double.NaN,
        };
        ImmutableArray<string> errors = [.. wrong.Validate()];
        Assert.Equal(5, errors.Length);
        Assert.Contains(errors, x => x.Contains("at least 16") && !x.Contains("short"));
        Assert.Empty(new KvTransferOptions { Secret = KvNode.Secret }.Validate());
    }

    private static void ReadAsFetch(byte[] bytes)
    {
        KvReader reader = new(bytes);
        _ = reader.Text(4096);
        int blocks = reader.Count(1, 8192);
        _ = reader.Hashes(blocks);
        _ = reader.Int32s(blocks * 16);
        reader.End();
    }

    private static KvFault FaultOf(Action read)
    {
        try
        {
            read();
            return KvFault.None;
        }
        catch (KvTransferException e)
        {
            return e.Fault;
        }
    }
}
