namespace XLLM.Formats;

/// <summary>Ways in which models are published.</summary>
public enum ModelKind
{
    /// <summary>One GGUF file with weights, configuration and tokenizer.</summary>
    Gguf,

    /// <summary>A folder with config.json, tokenizer.json and *.safetensors.</summary>
    HuggingFace,
}
