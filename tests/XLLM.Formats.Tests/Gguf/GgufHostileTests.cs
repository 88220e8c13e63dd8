using XLLM.Formats.Gguf;

namespace XLLM.Formats.Tests.Gguf;

public sealed class GgufHostileTests
{
    [Fact]
    public void Huge_counts_are_refused_by_what_the_file_can_hold()
    {
        Refused(new GgufBuilder { ClaimedKeys = ulong.MaxValue }, "number of metadata keys");
        Refused(new GgufBuilder { ClaimedTensors = 1UL << 40 }, "number of tensors");
        Refused(With(b => b.Add("a", 8, w => w.Write(1UL << 62))), "length of array 'a'");
        Refused(With(b => b.Entry("a", 8, w => w.Write(ulong.MaxValue))), "length of a string in 'a'");
    }

    [Fact]
    public void Arrays_nested_too_deep_are_refused()
    {
        Refused(
            With(b => b.Add("deep", 9, w =>
            {
                for (int i = 0; i < 50; i++)
                {
                    w.Write(1UL);
                    w.Write(9u);
                }

                w.Write(0UL);
            })),
            "nested deeper");
    }

    [Fact]
    public void Duplicate_keys_and_tensors_are_refused()
    {
        Refused(With(b =>
        {
            b.Add("k", 1u);
            b.Add("k", 2u);
        }), "'k' stands there twice");
        Refused(With(b =>
        {
            b.AddTensor("t", 0, [1], new byte[4]);
            b.AddTensor("t", 0, [1], new byte[4]);
        }), "'t' stands there twice");
    }

    [Fact]
    public void Tensors_outside_of_the_file_are_refused()
    {
        Refused(With(b => b.AddTensor("t", 0, [1000], new byte[4])), "may be truncated");
        Refused(With(b => b.AddTensor("t", 0, [1], new byte[4], ulong.MaxValue - 31)), "may be truncated");
        Refused(With(b => b.AddTensor("t", 0, [1], new byte[4], 5)), "no multiple of the alignment");
        Refused(With(b => b.AddTensor("t", 0, [ulong.MaxValue], new byte[4])), "dimension of");
        Refused(With(b => b.AddTensor("t", 0, [1UL << 40, 1UL << 40], new byte[4])), "too large");
        Refused(With(b => b.AddTensor("t", 0, [1, 1, 1, 1, 1], new byte[4])), "5 dimensions");
    }

    [Fact]
    public void Overlapping_tensors_are_refused()
    {
        Refused(With(b =>
        {
            b.AddTensor("a", 0, [16], new byte[64], 0);
            b.AddTensor("b", 0, [4], new byte[16], 32);
        }), "'a' and 'b' overlap");
    }

    [Fact]
    public void Types_and_row_lengths_that_do_not_fit_are_refused()
    {
        Refused(With(b => b.AddTensor("t", 99, [32], new byte[32])), "unknown type 99");
        Refused(With(b => b.AddTensor("t", 12, [128], new byte[128])), "a multiple of 256 was expected");
        Refused(With(b => b.Entry("k", 77, _ => { })), "value type 77");
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(7u)]
    [InlineData(48u)]
    [InlineData(1u << 30)]
    public void A_wrong_alignment_is_refused(uint alignment) =>
        Refused(With(b => b.Add("general.alignment", alignment)), "'general.alignment' is");

    [Fact]
    public void Other_files_and_versions_are_told_apart()
    {
        Refused([.. "PK\u0003\u0004 something that is long enough"u8], "no GGUF file");
        Refused(new GgufBuilder { Version = 1 }, "version 1 is not supported");
        Refused(new GgufBuilder { Version = 3u << 24 }, "big-endian");
        Refused([], "the file is empty");
    }

    [Fact]
    public void Every_truncation_of_a_valid_file_is_refused()
    {
        byte[] whole = GgufBuilder.Small().Build();
        int lastData = whole.Length - 32; // inside the last tensor's bytes
        for (int length = 0; length < lastData; length++)
        {
            Refused(whole[..length], "");
        }
    }

    private static GgufBuilder With(Action<GgufBuilder> add)
    {
        var builder = new GgufBuilder();
        add(builder);
        return builder;
    }

    private static void Refused(GgufBuilder builder, string text) => Refused(builder.Build(), text);

    private static void Refused(byte[] content, string text)
    {
        using var temp = new TempFile(content);
        var error = Assert.Throws<ModelFormatException>(() => GgufFile.Open(temp.Path).Dispose());
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(temp.Path, error.Message, StringComparison.Ordinal);
    }
}
