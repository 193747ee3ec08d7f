-- Which executor node a run was placed on: its name, and the epoch in which it was trusted. Both or neither.
-- Of rows from before, which have neither, it was this node.

ALTER TABLE runs ADD COLUMN executor_node  TEXT;
ALTER TABLE runs ADD COLUMN executor_epoch INTEGER CHECK ((executor_node IS NULL) = (executor_epoch IS NULL));

CREATE INDEX runs_unfinished_on_executor ON runs (executor_node, id)
    WHERE completed_on IS NULL AND executor_node IS NOT NULL;
