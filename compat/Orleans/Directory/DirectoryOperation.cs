namespace Orleans.Runtime;

internal enum DirectoryOperation
{
    Lookup,
    Register,
    Unregister,
}
