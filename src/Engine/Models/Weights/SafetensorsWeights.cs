using XLLM.Formats.Gguf;
using XLLM.Formats.Safetensors;

namespace XLLM.Engine.Models.Weights;

/// <summary>Tensors of a Hugging Face folder.</summary>
internal sealed unsafe class SafetensorsWeights(SafetensorsFolder folder) : IWeightSource
{
    public string Path => folder.Path;

    public IEnumerable<string> Names => folder.Tensors.Keys;

    public string NameInFile(string name) => name;

    public StoredTensor? Find(string name) => folder.Tensors.TryGetValue(name, out SafetensorsTensor? tensor)
        ? new StoredTensor(name, TypeOf(tensor.Type), tensor.Type.ToString(), tensor.Shape, (nint)tensor.Pointer, tensor.Bytes)
        : null;

    public void Dispose() => folder.Dispose();

    private static GgufType? TypeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.F32 => GgufType.F32,
        SafetensorsType.F16 => GgufType.F16,
        SafetensorsType.BF16 => GgufType.BF16,
        _ => null,
    };
}
