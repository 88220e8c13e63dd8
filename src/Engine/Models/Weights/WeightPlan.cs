using XLLM.Engine.Interop;
using XLLM.Formats;

namespace XLLM.Engine.Models.Weights;

/// <summary>The tensors that a program needs, found in a file and checked; nothing is loaded yet.</summary>
internal sealed class WeightPlan
{
    private const int MostShown = 20;

    private WeightPlan(IReadOnlyList<(WeightRequest Request, StoredTensor Tensor)> tensors, IReadOnlyList<string> unused)
    {
        Tensors = tensors;
        Unused = unused;
    }

    public IReadOnlyList<(WeightRequest Request, StoredTensor Tensor)> Tensors { get; }

    /// <summary>Names in the file that the program does not use, ordered.</summary>
    public IReadOnlyList<string> Unused { get; }

    /// <summary>Bytes in the file of what will be loaded.</summary>
    public long Bytes => Tensors.Sum(t => t.Tensor.Bytes);

    /// <summary>Errors: <see cref="ModelFormatException"/> listing all that is missing or does not fit.</summary>
    public static WeightPlan Make(IReadOnlyList<WeightRequest> requests, IWeightSource source)
    {
        var found = new List<(WeightRequest, StoredTensor)>();
        var missing = new List<string>();
        var wrong = new List<string>();
        foreach (WeightRequest request in requests)
        {
            if (source.Find(request.Name) is not { } tensor)
            {
                missing.Add(source.NameInFile(request.Name));
            }
            else if (Problem(request, tensor) is { } problem)
            {
                wrong.Add(problem);
            }
            else
            {
                found.Add((request, tensor));
            }
        }

        if (missing.Count + wrong.Count > 0)
        {
            string absent = missing.Count > 0 ? $"{missing.Count} tensors are missing: {Shown(missing)}" : "";
            string both = missing.Count > 0 && wrong.Count > 0 ? "; " : "";
            throw new ModelFormatException(source.Path, absent + both + Shown(wrong));
        }

        var used = found.Select(f => f.Item2.Name).ToHashSet(StringComparer.Ordinal);
        return new WeightPlan(found, [.. source.Names.Where(n => !used.Contains(n)).Order(StringComparer.Ordinal)]);
    }

    private static string? Problem(WeightRequest request, StoredTensor tensor)
    {
        if (tensor.Type is null)
        {
            return $"tensor '{tensor.Name}' has type {tensor.TypeName}, which is not supported";
        }

        bool vector = request.Usage == WeightUsage.Vector;
        bool fits = vector
            ? tensor.Shape.Length == 1 && tensor.Shape[0] == request.Columns
            : tensor.Shape.Length == 2 && tensor.Shape[0] == request.Rows && tensor.Shape[1] == request.Columns;
        string expected = vector ? $"[{request.Columns}]" : $"[{request.Rows}, {request.Columns}]";
        return fits ? null : $"tensor '{tensor.Name}' has shape [{string.Join(", ", tensor.Shape)}]; {expected} was expected";
    }

    private static string Shown(List<string> items) => items.Count > MostShown
        ? $"{string.Join(", ", items.Take(MostShown))} and {items.Count - MostShown} more"
        : string.Join(", ", items);
}
