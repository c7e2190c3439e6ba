namespace KgOrleans.Grains.Tests.Requests;

/// <summary>Tests that measure the heap of the process: they run when no others do.</summary>
[CollectionDefinition(nameof(HeapCollection), DisableParallelization = true)]
public sealed class HeapCollection;
