namespace Orleans.Runtime;

/// <summary>The grains that a silo owns in a new view and did not own before, until it knows their entries.</summary>
internal sealed class DirectoryTakeover(SiloAddress self, DirectoryView old, DirectoryView view)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DirectoryView View => view;

    public Task Done => _done.Task;

    public bool Has(GrainId grain) => self.Equals(view.OwnerOf(grain)) && !self.Equals(old.OwnerOf(grain));

    public void Finish() => _done.TrySetResult();
}
