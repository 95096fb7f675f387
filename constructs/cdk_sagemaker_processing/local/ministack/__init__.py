"""The local AWS: MiniStack with SageMaker's processing jobs, in a process of its own.

`python -m cdk_sagemaker_processing.local.ministack --port N --home DIR` runs it. How it is built:

- `settings` reads the command line and says what MiniStack finds in its environment;
- `server` claims the port, prepares the process and only then imports MiniStack;
- `cloud` puts the parts together: SageMaker's API (`sagemaker`), the roles' credentials (`roles`),
  the state machines (`states`) and the stacks (`stacks`), and with --enforce-iam what requests
  (`enforcement`) and services in a role's name (`permissions`) may do;
- `seams` lists every private part of MiniStack that those use, and checks each at start.
"""
