namespace Orleans.Core.Internal;

/// <summary>An activation that counts its open reentrant sections.</summary>
public interface ICallChainReentrantGrainContext
{
    void OnEnterReentrantSection(Guid reentrancyId);

    void OnExitReentrantSection(Guid reentrancyId);
}
