// Each test runs the whole program and a browser: two at once would measure the machine and not the product.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
