using System.Text;
using XLLM.Gateway.Batches;

namespace XLLM.Gateway.Tests.Batches;

public sealed class JournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("xllm-journal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_journal_cut_anywhere_has_the_results_that_were_whole_and_no_others()
    {
        byte[][] results =
        [
            .. Enumerable.Range(0, 6).Select(
                i => Encoding.UTF8.GetBytes($$"""{"custom_id":"{{i}}","text":"ä{{new string('x', i)}}"}""")),
        ];
        await using (BatchJournal journal = new(_folder, 0, 7))
        {
            await Task.WhenAll(results.Select((r, i) => journal.AppendAsync(i, i % 2 == 0, r)));
        }

        string path = Assert.Single(BatchJournal.Find(_folder));
        byte[] whole = await File.ReadAllBytesAsync(path);
        int[] ends = [.. whole.Select((b, i) => (b, i)).Where(x => x.b == '\n').Select(x => x.i + 1)];
        Assert.Equal(6, ends.Length);
        for (int length = 0; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(path, whole[..length]);
            var entries = new JournalEntry[6];
            int torn = await BatchJournal.ReadAsync(path, 0, entries, CancellationToken.None);
            Assert.Equal(ends.Count(e => e <= length), entries.Count(e => e.IsThere));
            Assert.Equal(ends.Contains(length) || length == 0 ? 0 : 1, torn);
            foreach ((JournalEntry entry, int i) in entries.Select((e, i) => (e, i)).Where(x => x.e.IsThere))
            {
                Assert.Equal(results[i], whole[(int)entry.Offset..((int)entry.Offset + entry.Length)]);
                Assert.Equal(i % 2 == 0, entry.Succeeded);
            }
        }
    }

    [Fact]
    public async Task A_changed_byte_makes_a_result_count_as_not_there()
    {
        await using (BatchJournal journal = new(_folder, 0, 1))
        {
            await journal.AppendAsync(0, true, "{\"a\":1}"u8.ToArray());
            await journal.AppendAsync(1, true, "{\"b\":2}"u8.ToArray());
        }

        string path = BatchJournal.PathOf(_folder, 1);
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.AsSpan().IndexOf("\"a\":1"u8) + 4]++;
        await File.WriteAllBytesAsync(path, bytes);
        var entries = new JournalEntry[2];
        Assert.Equal(1, await BatchJournal.ReadAsync(path, 0, entries, CancellationToken.None));
        Assert.Equal((false, true), (entries[0].IsThere, entries[1].IsThere));
    }

    [Fact]
    public async Task The_first_result_of_a_request_stays()
    {
        foreach (int epoch in (int[])[1, 2, 10])
        {
            await using BatchJournal journal = new(_folder, 0, epoch);
            await journal.AppendAsync(0, true, Encoding.UTF8.GetBytes($"{epoch:000}"));
        }

        var entries = new JournalEntry[1];
        IReadOnlyList<string> journals = BatchJournal.Find(_folder);
        Assert.Equal(["1.journal", "2.journal", "10.journal"], journals.Select(Path.GetFileName));
        for (int i = 0; i < journals.Count; i++)
        {
            await BatchJournal.ReadAsync(journals[i], i, entries, CancellationToken.None);
        }

        Assert.Equal(0, entries[0].Journal);
    }
}
