using XLLM.Formats.Tests.Gguf;
using XLLM.Formats.Tests.Safetensors;

namespace XLLM.Formats.Tests;

public sealed class ModelFilesTests
{
    [Fact]
    public void A_file_that_begins_as_GGUF_is_a_GGUF_model_whatever_its_name()
    {
        using var temp = new TempFile(GgufBuilder.Small().Build());
        Assert.Equal(new ModelLocation(ModelKind.Gguf, temp.Path), ModelFiles.Locate(temp.Path));
    }

    [Fact]
    public void A_folder_with_config_and_weights_is_a_Hugging_Face_model()
    {
        using var folder = new TempFolder();
        folder.Add("config.json", "{}");
        folder.Add("model.safetensors", SafetensorsBuilder.Small());
        Assert.Equal(new ModelLocation(ModelKind.HuggingFace, folder.Path), ModelFiles.Locate(folder.Path));
    }

    [Fact]
    public void A_folder_with_one_GGUF_file_is_that_file()
    {
        using var folder = new TempFolder();
        string file = folder.Add("m.gguf", GgufBuilder.Small().Build());
        Assert.Equal(new ModelLocation(ModelKind.Gguf, file), ModelFiles.Locate(folder.Path));
        folder.Add("n.gguf", GgufBuilder.Small().Build());
        Assert.Contains(
            "2 GGUF files",
            Assert.Throws<ModelFormatException>(() => ModelFiles.Locate(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_said()
    {
        using var folder = new TempFolder();
        Assert.Contains("no model", Message(folder.Path), StringComparison.Ordinal);
        folder.Add("config.json", "{}");
        Assert.Contains("lacks model.safetensors", Message(folder.Path), StringComparison.Ordinal);
        Assert.Contains("no such file or folder", Message(Path.Combine(folder.Path, "x")), StringComparison.Ordinal);
        Assert.Contains("no GGUF file", Message(Path.Combine(folder.Path, "config.json")), StringComparison.Ordinal);
    }

    private static string Message(string path) => Assert.Throws<ModelFormatException>(() => ModelFiles.Locate(path)).Message;
}
