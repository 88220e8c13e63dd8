using XLLM.Formats.Safetensors;

namespace XLLM.Formats.Tests.Safetensors;

public sealed class SafetensorsFolderTests
{
    private const string A = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
    private const string B = """{"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    [Fact]
    public void Shards_named_by_the_index_are_one_model()
    {
        using TempFolder folder = Shards(
            """{"metadata":{"total_size":16},"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}""");
        using SafetensorsFolder model = SafetensorsFolder.Open(folder.Path);
        Assert.Equal(["a", "b"], model.Tensors.Keys.Order());
        Assert.Equal(2, model.Files.Count);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../m-1.safetensors"}}""", "is refused")]
    [InlineData("""{"weight_map":{"a":"/etc/x.safetensors"}}""", "is refused")]
    [InlineData("""{"weight_map":{"a":"sub\\m-1.safetensors"}}""", "is refused")]
    [InlineData("""{"weight_map":{"a":"config.json"}}""", "is refused")]
    [InlineData("""{"weight_map":{"a":"m-3.safetensors"}}""", "not in the folder")]
    [InlineData("""{"weight_map":{"b":"m-1.safetensors"}}""", "which lacks it")]
    [InlineData("""{"weight_map":{"a":"m-1.safetensors","a":"m-1.safetensors"}}""", "twice")]
    [InlineData("""{"metadata":{}}""", "'weight_map' is missing")]
    [InlineData("""{"weight_map":{"a":7}}""", "should be String")]
    [InlineData("""{"weight_map":""", "not valid JSON")]
    public void An_index_that_is_wrong_is_refused_with_the_reason(string index, string reason)
    {
        using TempFolder folder = Shards(index);
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(folder.Path));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_tensor_in_two_shards_is_refused()
    {
        using TempFolder folder = Shards("""{"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}""");
        folder.Add("m-2.safetensors", SafetensorsBuilder.Build(A, 8));
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFolder.Open(folder.Path));
        Assert.Contains("another shard", error.Message, StringComparison.Ordinal);
    }

    private static TempFolder Shards(string index)
    {
        var folder = new TempFolder();
        folder.Add("model.safetensors.index.json", index);
        folder.Add("m-1.safetensors", SafetensorsBuilder.Build(A, 8));
        folder.Add("m-2.safetensors", SafetensorsBuilder.Build(B, 8));
        return folder;
    }
}
