using System.Text;
using XLLM.Gateway.Batches;

namespace XLLM.Gateway.Tests.Batches;

public sealed class LineReaderTests
{
    [Fact]
    public async Task Lines_and_their_places_are_those_of_a_plain_split_however_the_bytes_come()
    {
        Random chance = new(7);
        for (int round = 0; round < 2000; round++)
        {
            int limit = chance.Next(1, 12);
            byte[] bytes = new byte[chance.Next(0, 60)];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = chance.Next(4) == 0 ? (byte)'\n' : (byte)('a' + chance.Next(26));
            }

            List<(long Offset, string? Text, bool Ended)> expected = [];
            int begin = 0;
            while (begin < bytes.Length)
            {
                int end = Array.IndexOf(bytes, (byte)'\n', begin);
                int stop = end < 0 ? bytes.Length : end;
                expected.Add((begin, stop - begin > limit ? null : Encoding.ASCII.GetString(bytes[begin..stop]), end >= 0));
                begin = stop + 1;
            }

            LineReader lines = new(new Trickle(bytes, chance), limit);
            List<(long, string?, bool)> read = [];
            while (await lines.ReadAsync(CancellationToken.None))
            {
                read.Add((lines.Offset, lines.IsTooLong ? null : Encoding.ASCII.GetString(lines.Line.Span), lines.IsEnded));
            }

            Assert.Equal(expected, read);
        }
    }

    private sealed class Trickle(byte[] bytes, Random chance) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, chance.Next(1, 9))], cancellationToken);
    }
}
