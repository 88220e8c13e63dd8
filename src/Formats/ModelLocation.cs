namespace XLLM.Formats;

/// <summary>Where a model lies: a GGUF file's or a Hugging Face folder's full path.</summary>
public sealed record ModelLocation(ModelKind Kind, string Path);
