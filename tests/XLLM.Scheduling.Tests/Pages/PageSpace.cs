using XLLM.Scheduling.Pages;

namespace XLLM.Scheduling.Tests.Pages;

/// <summary>The system's side of a page map, as plain as can be: an array of places, orders carried out one by one.</summary>
internal sealed class PageSpace(int ranges, int rangePages)
{
    private readonly int[] _places = [.. Enumerable.Repeat(-1, ranges * rangePages)];
    private readonly List<PageMapping> _ahead = [];

    public int[] Places(int range) => _places[(range * rangePages)..((range + 1) * rangePages)];

    public void PutOff(IEnumerable<PageMapping> orders) => _ahead.AddRange(orders);

    public void CarryAhead()
    {
        Carry(_ahead);
        _ahead.Clear();
    }

    public void Carry(IEnumerable<PageMapping> orders) => Carry(_places, orders);

    /// <summary>Mappings of the system once everything put off has been done too.</summary>
    public int MappingsWithAhead()
    {
        int[] places = [.. _places];
        Carry(places, _ahead);
        int mappings = 0;
        for (int i = 0; i < places.Length; i++)
        {
            bool follows = i % rangePages > 0 && places[i] >= 0 && places[i] == places[i - 1] + 1;
            bool alsoEmpty = i % rangePages > 0 && places[i] < 0 && places[i - 1] < 0;
            mappings += follows || alsoEmpty ? 0 : 1;
        }

        return mappings;
    }

    private void Carry(int[] places, IEnumerable<PageMapping> orders)
    {
        foreach (PageMapping order in orders)
        {
            for (int i = 0; i < order.Count; i++)
            {
                places[(order.Range * rangePages) + order.Index + i] = order.Page < 0 ? -1 : order.Page + i;
            }
        }
    }
}
