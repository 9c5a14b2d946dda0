// Each test runs silos or the whole program: two at once would measure the machine and not the product.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
