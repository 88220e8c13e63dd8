using XLLM.Formats.Safetensors;

namespace XLLM.Formats.Tests.Safetensors;

public sealed class SafetensorsFileTests
{
    [Fact]
    public void Tensors_and_metadata_read_back()
    {
        using var temp = new TempFile(SafetensorsBuilder.Small());
        using SafetensorsFile file = SafetensorsFile.Open(temp.Path);

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal([2L, 3L], file.Tensors["a"].Shape.AsEnumerable());
        Assert.Equal(SafetensorsType.BF16, file.Tensors["b.c"].Type);
        Assert.Equal([24, 25, 26, 27, 28, 29, 30, 31], file.Tensors["b.c"].Data.ToArray());
        Assert.Equal(1, file.Tensors["s"].Elements);
        Assert.Equal([0x2726252423222120L], file.Tensors["s"].Copy<long>(SafetensorsType.I64));
        Assert.Throws<ModelFormatException>(() => file.Tensors["s"].Copy<float>(SafetensorsType.F32));
        Assert.Throws<ModelFormatException>(() => file.Require("z"));
    }

    [Theory]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
        "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}}""", "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "data_offsets [8, 0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8000]}}""", "may be truncated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "integers from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}""", "integers from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", "at most 8")]
    [InlineData("""{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", "unknown dtype 'F31'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "needs dtype, shape and data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "'dtype' twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", "unknown property 'x'")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[[[2]]]],"data_offsets":[0,8]}}""", "integers from 0")]
    [InlineData("""{"__metadata__":{"a":1}}""", "should be String")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", "twice")]
    [InlineData("""[1,2]""", "should be StartObject")]
    [InlineData("""{"a":""", "not valid JSON")]
    [InlineData("""{} {}""", "not valid JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "not valid JSON")]
    public void A_header_that_is_wrong_is_refused_with_the_reason(string header, string reason) =>
        Refused(SafetensorsBuilder.Build(header, 16), reason);

    [Fact]
    public void A_header_longer_than_the_file_is_refused()
    {
        Refused(SafetensorsBuilder.Build("{}", 0, ulong.MaxValue), "header length");
        Refused(SafetensorsBuilder.Build("{}", 0, 3), "header length");
        Refused([1, 2, 3], "3 bytes");
    }

    [Fact]
    public void Every_truncation_of_a_valid_file_is_refused()
    {
        byte[] whole = SafetensorsBuilder.Small();
        for (int length = 0; length < whole.Length; length++)
        {
            Refused(whole[..length], "");
        }
    }

    private static void Refused(byte[] content, string text)
    {
        using var temp = new TempFile(content);
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(temp.Path).Dispose());
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }
}
