namespace Orleans.Runtime;

internal enum ReturnKind
{
    Void,
    Task,
    TaskOf,
    ValueTask,
    ValueTaskOf,
    AsyncEnumerable,
}
