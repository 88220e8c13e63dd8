namespace XLLM.Runtime.Tests.Grains;

public interface ILibraryGrain : IGrainWithStringKey
{
    Task StoreAsync(List<int> values);

    Task<List<int>> GetAsync();

    Task StoreTreeAsync(Tree tree);

    Task<Tree> GetTreeAsync();

    /// <summary>Whether this very object came, and not a copy of it.</summary>
    Task<bool> IsSameAsync(FrozenNote note);

    Task<object?> EchoAsync(object? value);
}
