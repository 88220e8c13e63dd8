using System.Text.Json.Nodes;
using XLLM.Engine.Models;

namespace XLLM.Engine.Tests.Models;

/// <summary>Reads a small valid config.json with some properties changed; a null value removes one.</summary>
internal static class ConfigFolder
{
    public const string Valid =
        """
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 3,
         "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 320, "max_position_embeddings": 512,
         "rms_norm_eps": 1e-06, "rope_theta": 10000.0, "eos_token_id": 2}
        """;

    public static ModelConfig Read(params (string Key, string? Json)[] changes) => ReadText(Change(changes));

    public static ModelConfig ReadText(string config, string? generation = null)
    {
        using var folder = new TempFolder();
        folder.Add("config.json", config);
        if (generation is not null)
        {
            folder.Add("generation_config.json", generation);
        }

        return HuggingFaceConfig.Read(folder.Path);
    }

    public static string Change(params (string Key, string? Json)[] changes)
    {
        JsonObject json = JsonNode.Parse(Valid)!.AsObject();
        foreach ((string key, string? value) in changes)
        {
            json.Remove(key);
            if (value is not null)
            {
                json[key] = JsonNode.Parse(value);
            }
        }

        return json.ToJsonString();
    }
}
