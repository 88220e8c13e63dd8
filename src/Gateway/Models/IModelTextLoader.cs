using XLLM.Contracts.Fleet;

namespace XLLM.Gateway.Models;

/// <summary>Loads a model's tokenizer and template.</summary>
internal interface IModelTextLoader
{
    /// <summary>Reads them from a model's folder or file; may take seconds and runs on the caller's thread.</summary>
    /// <exception cref="Exception">They are not there or not usable.</exception>
    ModelText Load(ModelCard card, string path);
}
