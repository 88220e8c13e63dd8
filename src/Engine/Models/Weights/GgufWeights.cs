using XLLM.Engine.Interop;
using XLLM.Formats.Gguf;

namespace XLLM.Engine.Models.Weights;

/// <summary>Tensors of a GGUF file.</summary>
internal sealed unsafe class GgufWeights(GgufFile file) : IWeightSource
{
    public string Path => file.Path;

    // rope_freqs.weight is read with the configuration.
    public IEnumerable<string> Names => file.Tensors.Keys.Where(n => n != "rope_freqs.weight");

    public StoredTensor? Find(string name)
    {
        if (!file.Tensors.TryGetValue(NameInFile(name), out GgufTensor? tensor))
        {
            return null;
        }

        GgufType? type = NativeTypes.FindLayout(tensor.Type) is null ? null : tensor.Type;
        return new StoredTensor(tensor.Name, type, tensor.Type.ToString(), tensor.Shape, (nint)tensor.Pointer, tensor.Bytes);
    }

    public string NameInFile(string name) => GgufNames.Of(name);

    public void Dispose() => file.Dispose();
}
