using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace XLLM.Compat.Tests.Wire;

/// <summary>Whatever a peer sends is a value or an error of the serialiser: no crash, no memory for what has not come.</summary>
public sealed class HostileBytesTests
{
    private const int DefaultSeconds = 2;
    private static readonly Serializer Serializer =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    private static readonly byte[] Sound = Serializer.SerializeToArray(Node.Sample());

    [Fact]
    public void Every_truncation_is_an_error()
    {
        for (var length = 0; length < Sound.Length; length++)
        {
            Assert.ThrowsAny<SerializerException>(() => Serializer.Deserialize<Node>(Sound.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Bytes_left_over_are_an_error() =>
        Assert.ThrowsAny<SerializerException>(() => Serializer.Deserialize<Node>((byte[])[.. Sound, 0]));

    [Fact]
    public void An_unknown_format_version_is_named()
    {
        var e = Assert.ThrowsAny<SerializerException>(() => Serializer.Deserialize<Node>((byte[])[9, .. Sound[1..]]));

        Assert.Contains("version 9", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Seeded; XLLM_FUZZ_SECONDS makes it longer.</summary>
    [Fact]
    public void Mutated_bytes_are_read_or_refused()
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("XLLM_FUZZ_SECONDS"), out var s) ? s : DefaultSeconds;
        var end = Environment.TickCount64 + (seconds * 1000L);
        var seed = 0;
        var refused = 0;
        for (; Environment.TickCount64 < end; seed++)
        {
            var mutated = Mutate(Sound, new Random(seed));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Serializer.Deserialize<Node>(mutated);
            }
            catch (Exception e) when (e is SerializerException or OverflowException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}: {e}");
            }

            Assert.True(
                GC.GetAllocatedBytesForCurrentThread() - before < 8_000_000, $"Seed {seed} made the reader take too much memory.");
        }

        Assert.InRange(refused, 1, seed);
    }

    [Fact]
    public void A_count_without_elements_takes_no_memory()
    {
        // Version, a sequence with a number, and a count of 2^40.
        byte[] bytes = [1, 0x29, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20];
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.ThrowsAny<SerializerException>(() => Serializer.Deserialize<long[]>(bytes));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void A_chain_that_is_too_deep_is_refused_by_writer_and_reader()
    {
        Node? chain = null;
        for (var i = 0; i < 10_000; i++)
        {
            chain = new Node { Next = chain };
        }

        Assert.ThrowsAny<SerializerException>(() => Serializer.SerializeToArray(chain));

        // Version, then objects whose only member is another object.
        byte[] bytes = [1, .. Enumerable.Range(0, 100_000).SelectMany(_ => new byte[] { 0x28, 3 })];
        Assert.ThrowsAny<SerializerException>(() => Serializer.Deserialize<Node>(bytes));
    }

    [Theory]
    [InlineData("System.Diagnostics.Process")]
    [InlineData("XLLM.Compat.Tests.Wire.Unmarked")]
    [InlineData("List<System.IO.FileInfo>")]
    [InlineData("List<List<List<List<List<List<List<List<List<List<List<List<List<List<List<List<List<List<int>>>>>>>>>>>>>>>>>>")]
    [InlineData("List<int")]
    [InlineData("List<>")]
    [InlineData("")]
    public void A_type_that_is_not_serialisable_is_not_loaded_by_name(string name)
    {
        byte[] bytes = [1, 0x38, 0, (byte)name.Length, .. System.Text.Encoding.ASCII.GetBytes(name), 0];

        Assert.ThrowsAny<SerializerException>(() => Serializer.Deserialize<object>(bytes));
    }

    [Fact]
    public void An_exception_of_an_unknown_type_becomes_the_fallback()
    {
        var known = Serializer.SerializeToArray<Exception>(new KnownException("what happened"));
        var name = System.Text.Encoding.ASCII.GetBytes("compat.Known");
        var at = known.AsSpan().IndexOf(name);
        known[at] = (byte)'X';

        var e = Assert.IsType<UnavailableExceptionFallbackException>(Serializer.Deserialize<Exception>(known));

        Assert.Equal("Xompat.Known", e.ExceptionType);
        Assert.Equal("what happened", e.Message);
    }

    private static byte[] Mutate(byte[] sound, Random random)
    {
        var bytes = sound.ToList();
        for (var i = random.Next(1, 6); i > 0 && bytes.Count > 1; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveAt(at);
                    break;
                case 3:
                    bytes.Insert(at, random.Next(2) == 0 ? (byte)0xff : (byte)random.Next(256));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(16), bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }
}
