namespace Orleans.Runtime;

/// <summary>The grains that a silo owns in a new view and did not own before, until it knows their entries.</summary>
internal sealed class DirectoryTakeover(SiloAddress self, DirectoryView old, DirectoryView view)
{
    private readonly List<DirectoryView> _later = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DirectoryView View => view;

    public Task Done => _done.Task;

    public bool Has(GrainId grain) => self.Equals(view.OwnerOf(grain)) && !self.Equals(old.OwnerOf(grain));

    /// <summary>A view that follows while entries are still being asked for.</summary>
    public void Add(DirectoryView later) => _later.Add(later);

    /// <summary>One of them that this silo has owned ever since: another owner would have had changes that the reports lack.</summary>
    public bool HasKept(GrainId grain) => Has(grain) && _later.TrueForAll(v => self.Equals(v.OwnerOf(grain)));

    public void Finish() => _done.TrySetResult();
}
