namespace XLLM.Engine.Models.Weights;

/// <summary>Where a model's tensors lie. Disposing unmaps the files.</summary>
internal interface IWeightSource : IDisposable
{
    string Path { get; }

    /// <summary>Names in the file.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>By Hugging Face name; null when the file has none.</summary>
    StoredTensor? Find(string name);

    /// <summary>What the file calls a tensor of that Hugging Face name.</summary>
    string NameInFile(string name);
}
