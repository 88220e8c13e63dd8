using XLLM.Engine.Interop;

namespace XLLM.Engine.Models.Weights;

/// <summary>Copies a plan's tensors to a device.</summary>
internal static unsafe class WeightLoader
{
    public static LoadedWeights Load(
        NativeDevice device,
        WeightPlan plan,
        IProgress<LoadProgress>? progress,
        CancellationToken cancellation)
    {
        var weights = new List<NativeWeight>(plan.Tensors.Count);
        long total = plan.Bytes, done = 0, parameters = 0;
        var elements = new Dictionary<string, long>();
        try
        {
            foreach ((WeightRequest request, StoredTensor tensor) in plan.Tensors)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new LoadProgress(done, total, tensor.Name));
                weights.Add(NativeWeight.Create(
                    device, tensor.Type!.Value, request.Usage, request.Rows, request.Columns, (byte*)tensor.Data, tensor.Bytes));
                done += tensor.Bytes;
                parameters += tensor.Elements;
                elements[tensor.TypeName] = elements.GetValueOrDefault(tensor.TypeName) + tensor.Elements;
            }
        }
        catch
        {
            weights.ForEach(w => w.Dispose());
            throw;
        }

        progress?.Report(new LoadProgress(total, total, ""));
        return new LoadedWeights(weights, plan.Unused)
        {
            Parameters = parameters,
            MainType = elements.MaxBy(e => e.Value).Key,
        };
    }
}
