using XLLM.Engine.Execution;
using XLLM.Formats;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Models;

public sealed class WeightPlanTests
{
    [Fact]
    public void All_missing_and_misshapen_tensors_are_named_at_once()
    {
        using var folder = new TempFolder();
        folder.Add("config.json", ConfigFolder.Change(("num_hidden_layers", "1")));
        byte[] json = """{"model.norm.weight":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"lm_head.weight":{"dtype":"I64","shape":[1],"data_offsets":[12,20]}}"""u8
            .ToArray();
        folder.Add("model.safetensors", [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[20]]);

        var error = Assert.Throws<ModelFormatException>(() => ModelLoader.Load(folder.Path).Dispose());

        Assert.Contains(
            "10 tensors are missing: model.embed_tokens.weight, model.layers.0.input_layernorm.weight",
            error.Message,
            StringComparison.Ordinal);
        Assert.Contains("'model.norm.weight' has shape [3]; [64] was expected", error.Message, StringComparison.Ordinal);
        Assert.Contains("'lm_head.weight' has type I64, which is not supported", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_weight_file_is_refused_before_anything_is_loaded()
    {
        using var folder = new TempFolder();
        folder.Add("config.json", File.ReadAllBytes(Path.Combine(SharedData.DemoModel, "config.json")));
        byte[] weights = File.ReadAllBytes(Path.Combine(SharedData.DemoModel, "model.safetensors"));
        folder.Add("model.safetensors", weights[..(weights.Length / 2)]);
        var error = Assert.Throws<ModelFormatException>(() => ModelLoader.Load(folder.Path).Dispose());
        Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
    }
}
