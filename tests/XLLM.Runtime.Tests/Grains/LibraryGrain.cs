namespace XLLM.Runtime.Tests.Grains;

public sealed class LibraryGrain : Grain, ILibraryGrain
{
    private List<int> _values = [];
    private Tree _tree = new();

    public Task StoreAsync(List<int> values)
    {
        _values = values;
        return Task.CompletedTask;
    }

    public Task<List<int>> GetAsync() => Task.FromResult(_values);

    public Task StoreTreeAsync(Tree tree)
    {
        _tree = tree;
        return Task.CompletedTask;
    }

    public Task<Tree> GetTreeAsync() => Task.FromResult(_tree);

    public Task<bool> IsSameAsync(FrozenNote note) => Task.FromResult(ReferenceEquals(note, FrozenNote.Last));

    public Task<object?> EchoAsync(object? value) => Task.FromResult(value);
}
