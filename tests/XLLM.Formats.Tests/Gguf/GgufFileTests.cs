using XLLM.Formats.Gguf;

namespace XLLM.Formats.Tests.Gguf;

public sealed class GgufFileTests
{
    [Fact]
    public void Metadata_of_every_kind_reads_back()
    {
        using var temp = new TempFile(GgufBuilder.Small().Build());
        using GgufFile file = GgufFile.Open(temp.Path);

        Assert.Equal(3, file.Version);
        Assert.Equal("llama", file.Require("general.architecture").AsString());
        Assert.Equal(3, file.Require("llama.block_count").AsInt64());
        Assert.Equal(10000, file.FindDouble("llama.rope.freq_base"));
        Assert.True(file.FindBool("tokenizer.ggml.add_bos_token"));
        Assert.Equal(["a", "bc", "é"], file.Require("tokenizer.ggml.tokens").AsStrings());
        Assert.Equal([-1f, 0.5f], file.Require("tokenizer.ggml.scores").AsFloats());
        Assert.Null(file.Find("nothing"));
    }

    [Fact]
    public void Tensors_have_their_shape_outermost_first_and_their_bytes()
    {
        var builder = new GgufBuilder();
        builder.AddTensor("w", 2, [64, 2], [.. Enumerable.Range(0, 72).Select(i => (byte)i)]);
        builder.AddTensor("v", 0, [1], [1, 2, 3, 4]);
        using var temp = new TempFile(builder.Build());
        using GgufFile file = GgufFile.Open(temp.Path);

        GgufTensor w = file.Tensors["w"];
        Assert.Equal([2L, 64L], w.Shape.AsEnumerable());
        Assert.Equal(GgufType.Q4_0, w.Type);
        Assert.Equal(128, w.Elements);
        Assert.Equal(71, w.Data[71]);
        Assert.Equal([1, 2, 3, 4], file.Tensors["v"].Data.ToArray());
    }

    [Fact]
    public void Version_2_is_read_too()
    {
        GgufBuilder builder = GgufBuilder.Small();
        builder.Version = 2;
        using var temp = new TempFile(builder.Build());
        using GgufFile file = GgufFile.Open(temp.Path);
        Assert.Equal(2, file.Version);
    }

    [Fact]
    public void An_alignment_of_64_moves_the_data()
    {
        var builder = new GgufBuilder { Alignment = 64 };
        builder.Add("general.alignment", 64u);
        builder.AddTensor("a", 0, [1], [9, 9, 9, 9]);
        using var temp = new TempFile(builder.Build());
        using GgufFile file = GgufFile.Open(temp.Path);
        Assert.Equal(0, file.Tensors["a"].Offset % 64);
        Assert.Equal(9, file.Tensors["a"].Data[3]);
    }

    [Fact]
    public void A_value_asked_for_as_another_type_names_key_expected_and_found()
    {
        using var temp = new TempFile(GgufBuilder.Small().Build());
        using GgufFile file = GgufFile.Open(temp.Path);
        var error = Assert.Throws<ModelFormatException>(() => file.Require("tokenizer.ggml.tokens").AsFloats());
        Assert.Contains(
            "'tokenizer.ggml.tokens' should be an array of numbers, found Array of 3 String",
            error.Message,
            StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => file.Require("general.architecture").AsInt64());
        Assert.Throws<ModelFormatException>(() => file.Require("tokenizer.ggml.scores").AsDouble());
        Assert.Throws<ModelFormatException>(() => file.Require("nested").AsInt32s());
        Assert.Throws<ModelFormatException>(() => file.Require("llama.block_count").AsBool());
        Assert.Throws<ModelFormatException>(() => file.Require("missing"));
    }

    [Fact]
    public void An_unsigned_integer_beyond_63_bits_is_refused_when_read()
    {
        var builder = new GgufBuilder();
        builder.Add("big", ulong.MaxValue);
        using var temp = new TempFile(builder.Build());
        using GgufFile file = GgufFile.Open(temp.Path);
        Assert.Throws<ModelFormatException>(() => file.Require("big").AsInt64());
    }
}
